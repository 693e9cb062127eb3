"""The addresses of allocation: a line each."""

from django.urls import path

from metrics.allocation import api
from metrics.allocation import statements_api as statements

urlpatterns = [
    path("rules/", api.AllocationRules.as_view(), name="api-allocation-rules"),
    path("simulate/", api.AllocationSimulate.as_view(), name="api-allocation-simulate"),
    path("statements/", statements.Statements.as_view(), name="api-statements"),
    path("statements/<int:number>/", statements.StatementDetail.as_view(), name="api-statement"),
    path("statements/<int:number>.xlsx", statements.StatementWorkbook.as_view(), name="api-statement-xlsx"),
    path(
        "statements/<int:number>/orders/", statements.StatementOrders.as_view(), name="api-statement-orders"
    ),
    path(
        "statements/<int:number>/files/<int:note>/",
        statements.StatementFile.as_view(),
        name="api-statement-file",
    ),
    path("statements/<int:number>/<str:act>/", statements.StatementAct.as_view(), name="api-statement-act"),
]
