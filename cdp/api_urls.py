"""The read API's addresses that are not a part's own file: under /api/. Metrics' stand in metrics/urls.py."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from cdp.pipeline import activation, wake
from channels import api as channels
from channels import workspace_api
from channels.connect import api as connect
from channels.delivery import api as delivery
from channels.imports import api as imports
from channels.plan import api as plan
from channels.pulls import api as pulls
from channels.studio import api as studio
from console import api as joint
from console.channel import reprocess_api
from console.event import event_trace
from console.person import export_api, summary_api
from console.privacy import erasure_api as erasures
from console.quality import fix_api, plan_api, repair, suggestions_api
from console.workspace import member_channels, retention_api
from kernel.people import api as people
from metrics import api as metrics
from profiles import api as profiles
from profiles import consent_api
from profiles.suggestions import api as suggestions

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(metadata_class=None), name="api-schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(  # its script has an address: the policy runs none that stands in a page
            url_name="api-schema", template_name="api_docs.html", metadata_class=None
        ),
        name="api-docs",
    ),
    path("profiles/", profiles.Profiles.as_view()),
    path("profiles/by/<str:kind>/<path:value>/summary/", summary_api.Summary.as_view()),
    path("profiles/<str:key>/", profiles.Profile.as_view()),
    path("profiles/<str:key>/timeline/", profiles.Timeline.as_view()),
    path("profiles/<str:key>/joins/", profiles.Joins.as_view()),
    path("profiles/<str:key>/decisions/", profiles.Decisions.as_view()),
    path("profiles/<str:key>/export/", export_api.Export.as_view()),
    path("profiles/<str:key>/consent/", consent_api.Consent.as_view()),
    path("profiles/<str:key>/merge/", joint.Merge.as_view()),
    path("profiles/<str:key>/split/", joint.Split.as_view()),
    path("profiles/<str:key>/erase/", erasures.EraseProfile.as_view()),
    path("erase/", erasures.EraseByIdentifier.as_view()),
    path("erasures/", erasures.Erasures.as_view()),
    path("erasures/<str:number>/", erasures.ErasureDetail.as_view()),
    path("erasures/<str:number>/verify/", erasures.ErasureVerify.as_view()),
    path("events/", profiles.Events.as_view()),
    path("events/<path:message_id>/life/", event_trace.Life.as_view()),
    path("conflicts/", profiles.Conflicts.as_view()),
    path("conflicts/decide/", joint.Decide.as_view()),
    path("violations/", profiles.Violations.as_view()),
    path("suggestions/", suggestions.Suggestions.as_view()),
    path("suggestions/run/", suggestions_api.SuggestionsRun.as_view()),
    path("suggestions/accept/", suggestions_api.SuggestionsAccept.as_view()),
    path("suggestions/<str:number>/accept/", suggestions_api.SuggestionAccept.as_view()),
    path("suggestions/<str:number>/refuse/", suggestions_api.SuggestionRefuse.as_view()),
    path("suggestions/<str:number>/later/", suggestions_api.SuggestionLater.as_view()),
    path("channels/", channels.Channels.as_view()),
    path("connectors/", channels.Connectors.as_view()),
    path("connectors/<str:uuid>/", connect.ConnectorDetail.as_view()),
    path("connectors/<str:uuid>/mapping/", studio.Mapping.as_view()),
    path("connectors/<str:uuid>/mapping/preview/", studio.MappingPreview.as_view()),
    path("connectors/<str:uuid>/mapping/reprocess/", reprocess_api.Reprocess.as_view()),
    path("connectors/<str:uuid>/cleaning/", studio.Cleaning.as_view()),
    path("connectors/<str:uuid>/<str:act>/", pulls.ConnectorAction.as_view()),
    path("connector-kinds/", connect.ConnectorKinds.as_view()),
    path("destination-kinds/", delivery.DestinationKinds.as_view()),
    path("destinations/", delivery.Destinations.as_view()),
    path("destinations/<str:uuid>/", delivery.DestinationDetail.as_view()),
    path("destinations/<str:uuid>/test/", delivery.DestinationTest.as_view(ports=activation.ports)),
    path("deliveries/", delivery.Deliveries.as_view(ports=activation.ports)),
    path("deliveries/replay/", delivery.DeliveryReplay.as_view()),
    path("deliveries/<int:number>/retry/", delivery.DeliveryRetry.as_view()),
    path("plan/", plan.Plan.as_view()),
    path("plan/schema/", plan.PlanSchema.as_view(), name="plan-schema"),
    path("plan/infer/", plan_api.PlanInfer.as_view()),
    path("plan/violations/", plan.PlanViolations.as_view()),
    path("imports/", imports.Imports.as_view(notify=wake.notify)),
    path("imports/templates/<str:rows>.csv", imports.ImportTemplate.as_view(), name="api-import-csv"),
    path("imports/templates/<str:rows>.xlsx", imports.ImportWorkbook.as_view(), name="api-import-xlsx"),
    path("imports/<str:number>/", imports.ImportDetail.as_view()),
    path("imports/<str:number>/bad.csv", imports.ImportBad.as_view(), name="api-import-bad"),
    path("imports/<str:number>/cancel/", imports.ImportCancel.as_view()),
    path("workspace/", workspace_api.Workspace.as_view()),
    path("members/", people.Members.as_view()),
    path("members/<int:number>/", people.MemberDetail.as_view()),
    path("members/<int:number>/link/", people.MemberLink.as_view()),
    path("members/<int:number>/channels/", member_channels.MemberChannels.as_view()),
    path("tokens/", people.Tokens.as_view()),
    path("tokens/<int:number>/", people.TokenDetail.as_view()),
    path("retention/", retention_api.DataRetention.as_view()),
    path("audit/", people.Audit.as_view()),
    path("orders/waiting/", metrics.WaitingOrders.as_view()),
    path("records/", metrics.Records.as_view()),
    path("rejects/", channels.Rejects.as_view()),
    path("rejects/replay/", repair.Replay.as_view()),
    path("rejects/fix/", fix_api.FixAll.as_view()),
    path("rejects/fix/preview/", fix_api.FixPreview.as_view()),
]
