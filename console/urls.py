"""Every page's address. The read API: cdp/api_urls.py; what clients send to: cdp/serve/server.py."""

from django.urls import path

from console import components, frame, saving, search, work
from console.account import invitation, preferences, signin
from console.board import board, boards, changes
from console.channel import channel, channels, connector, connector_add, connector_changes
from console.customer import customer, customers, evidence, identity, journey, saved
from console.event import event, live
from console.imports import imports, one
from console.journey import files, funnel, paths, retention, switching, touchpoints
from console.metric import index, kpi, kpi_file, kpi_rows, targets
from console.overview import overview
from console.quality import conflicts, fixing, opened, quality, rejects, repair

urlpatterns = [
    path("", overview.show, name="overview"),
    path("export.csv", overview.download, name="overview-export"),
    path("customers/", customers.show, name="customers"),
    path("customers/export.csv", customers.download, name="customers-export"),
    path("views/<slug:page>/", saved.keep, name="view-keep"),
    path("views/<slug:page>/<int:number>/drop/", saved.drop, name="view-drop"),
    path("customers/<uuid:key>/", customer.show, name="customer"),
    path("customers/<uuid:key>/timeline/", journey.more, name="customer-timeline"),
    path("customers/<uuid:key>/split/", identity.split, name="customer-split"),
    path("customers/<uuid:key>/why/", evidence.why_one, name="customer-why"),
    path("customers/<uuid:key>/merge/", identity.merge, name="customer-merge"),
    path("events/", event.show, name="events"),
    path("events/<path:message_id>/", event.show, name="event"),
    path("quality/", quality.show, name="quality"),
    path("quality/conflicts/", conflicts.decide, name="conflict-decide"),
    path("quality/completeness/", quality.completeness, name="completeness"),
    path("rejects/replay/", repair.replay, name="reject-replay"),
    path("rejects/fix/", fixing.show, name="reject-fix"),
    path("rejects/fix/apply/", fixing.apply, name="reject-fix-apply"),
    path("rejects/<uuid:key>/mend/", repair.fix, name="reject-mend"),
    path("kpi/", index.show, name="metrics"),
    path("kpi/<slug:name>/", kpi.show, name="kpi"),
    path("kpi/<slug:name>/export.csv", kpi_file.download, name="kpi-export"),
    path("kpi/<slug:name>/target/", targets.keep, name="kpi-target"),
    path("kpi/<slug:name>/target/delete/", targets.remove, name="kpi-target-delete"),
    path("kpi/<slug:name>/rows/", kpi_rows.show, name="kpi-rows"),
    path("kpi/<slug:name>/rows/export.csv", kpi_rows.download, name="kpi-rows-export"),
    path("journeys/", paths.show, name="journeys"),
    path("journeys/people/", paths.behind, name="journeys-people"),
    path("journeys/export.csv", files.download, {"kind": "paths"}, name="journeys-export"),
    path("journeys/funnel/", funnel.show, name="journey-funnel"),
    path(
        "journeys/funnel/export.csv",
        files.download,
        {"kind": "funnel"},
        name="journey-funnel-export",
    ),
    path("journeys/funnel/people/", funnel.behind, name="journey-funnel-people"),
    path("journeys/retention/", retention.show, name="journey-retention"),
    path(
        "journeys/retention/export.csv",
        files.download,
        {"kind": "retention"},
        name="journey-retention-export",
    ),
    path("journeys/retention/people/", retention.behind, name="journey-retention-people"),
    path("journeys/switching/", switching.show, name="journey-switching"),
    path(
        "journeys/switching/export.csv",
        files.download,
        {"kind": "switching"},
        name="journey-switching-export",
    ),
    path("journeys/switching/people/", switching.behind, name="journey-switching-people"),
    path("journeys/touchpoints/", touchpoints.show, name="journey-touchpoints"),
    path(
        "journeys/touchpoints/export.csv",
        files.download,
        {"kind": "touchpoints"},
        name="journey-touchpoints-export",
    ),
    path("journeys/touchpoints/people/", touchpoints.behind, name="journey-touchpoints-people"),
    path("boards/", boards.show, name="boards"),
    path("new-board/", changes.add, name="board-add"),
    path("boards/<slug:slug>/", board.show, name="board"),
    path("boards/<slug:slug>/layout.css", board.layout, name="board-layout"),
    path("boards/<slug:slug>/set/", changes.change, name="board-set"),
    path("boards/<slug:slug>/delete/", changes.remove, name="board-delete"),
    path("boards/<slug:slug>/tiles/", changes.put, name="board-put"),
    path("boards/<slug:slug>/tiles/<int:number>/", changes.move, name="board-move"),
    path("boards/<slug:slug>/tiles/<int:number>/shown/", board.one, name="board-tile"),
    path("boards/<slug:slug>/tiles/<int:number>/take/", changes.take, name="board-take"),
    path("analyses/", saving.keep, name="analysis-keep"),
    path("analyses/<int:number>/delete/", changes.drop, name="analysis-delete"),
    path("channels/", channels.show, name="channels"),
    path("channels/add/", channels.add, name="channel-add"),
    path("channels/<slug:slug>/", channel.one, name="channel"),
    path("channels/<slug:slug>/arrival/", channel.arrival, name="channel-arrival"),
    path("channels/<slug:slug>/set/", channel.change, name="channel-set"),
    path("channels/<slug:slug>/connectors/add/", connector_add.choose, name="connector-kinds"),
    path("channels/<slug:slug>/connectors/add/<slug:name>/", connector_add.make, name="connector-add"),
    path("channels/<slug:slug>/connectors/<uuid:key>/", connector.show, name="connector"),
    path("channels/<slug:slug>/connectors/<uuid:key>/now/", connector.now, name="connector-now"),
    path("channels/<slug:slug>/connectors/<uuid:key>/set/", connector_changes.change, name="connector-set"),
    path("channels/<slug:slug>/connectors/<uuid:key>/test/", connector_changes.test, name="connector-test"),
    path(
        "channels/<slug:slug>/connectors/<uuid:key>/pause/", connector_changes.pause, name="connector-pause"
    ),
    path(
        "channels/<slug:slug>/connectors/<uuid:key>/resume/",
        connector_changes.resume,
        name="connector-resume",
    ),
    path(
        "channels/<slug:slug>/connectors/<uuid:key>/key/",
        connector_changes.change_key,
        name="connector-key",
    ),
    path(
        "channels/<slug:slug>/connectors/<uuid:key>/limit/", connector_changes.limit, name="connector-limit"
    ),
    path("imports/", imports.show, name="imports"),
    path("imports/<int:number>/", one.show, name="import"),
    path("imports/<int:number>/now/", one.now, name="import-now"),
    path("imports/<int:number>/again/", one.again, name="import-again"),
    path("imports/<int:number>/cancel/", one.cancel, name="import-cancel"),
    path("rejects/", rejects.show, name="rejects"),
    path("rejects/<uuid:key>/", opened.show, name="reject"),
    path("live/", live.show, name="live"),
    path("live/stream/", live.stream, name="live-stream"),
    path("live/<uuid:key>/<int:position>/", live.opened, name="live-event"),
    path("_components/", components.show, name="components"),
    path("search/", search.show, name="search"),
    path("search/suggestions/", search.offer, name="search-suggestions"),
    path("signin/", signin.show, name="signin"),
    path("invitation/<str:key>/<str:token>/", invitation.show, name="invitation"),
    path("signout/", signin.leave, name="signout"),
    path("preferences/language/", preferences.language, name="language"),
    path("preferences/theme/", preferences.theme, name="theme"),
    path("preferences/workspace/", preferences.workspace, name="workspace"),
    path("frame/freshness/", frame.freshness, name="freshness"),
    path("frame/job/<int:number>/", work.one, name="job"),
    path("frame/job/<int:number>/cancel/", work.cancel, name="job-cancel"),
    path("jobs/", work.show, name="work"),
    path("jobs/<int:number>/file.csv", work.file, name="work-file"),
]
