"""What scripts/look-at-pages runs: see there."""

import pathlib
import sys

import axe_playwright_python
from playwright.sync_api import sync_playwright

AXE = pathlib.Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text()
WIDTHS = {"phone": 390, "desktop": 1280}
# Longest that one page may take to open, milliseconds.
LIMIT = 60_000


def problems_of(page, requests, address):
    found = []
    for request in requests:
        if request != address:
            found.append(f"asks for {request}")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        found.append(f"is {wide} px wider than the screen")
    page.evaluate(AXE)
    for violation in page.evaluate("axe.run()")["violations"]:
        for node in violation["nodes"][:3]:
            found.append(f"{violation['id']} ({violation['impact']}): {violation['help']}: {node['html'][:160]}")
    return found


def main(out, names):
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    bad = 0
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for name in names:
            path = pathlib.Path(name).resolve()
            for kind, width in WIDTHS.items():
                for scheme in ["light", "dark"]:
                    # The page's own policy forbids scripts; axe needs one.
                    context = browser.new_context(
                        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
                    )
                    page = context.new_page()
                    requests = []
                    page.on("request", lambda request: requests.append(request.url))
                    page.goto(path.as_uri(), timeout=LIMIT)
                    stem = path.parent.name if path.stem == "report" else path.stem
                    page.screenshot(path=out / f"{stem}-{kind}-{scheme}.png", full_page=True)
                    for problem in problems_of(page, requests, path.as_uri()):
                        bad += 1
                        print(f"{path.name}, {kind}, {scheme}: {problem}")
                    context.close()
        browser.close()
    print(f"{len(names)} pages in 4 views each: {bad} problems; pictures in {out}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
