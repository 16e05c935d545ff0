"""A real browser on the gateway's pages, which notices what no page may do."""

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, Route, expect

from gateway import Gateway
from waiting import eventually

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# A busy machine may be slow.
PATIENCE_MILLISECONDS = 20_000
expect.set_options(timeout=PATIENCE_MILLISECONDS)
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
# Longer than between two looks at what no event tells.
PACE_MILLISECONDS = 16_000

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(
        executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
    )


class Visitor:
    """Somebody with a browser of their own; what went wrong on the way is kept."""

    def __init__(self, context: BrowserContext, gateway: Gateway) -> None:
        self.gateway = gateway
        self.context = context
        self.origin = f"http://127.0.0.1:{gateway.admin_port}"
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        self.strange: list[str] = []
        # Answers that a test provokes: browsers report them as errors of the page.
        self.expected: set[int] = set()
        context.on("request", self._look_at_request)
        context.on("console", self._look_at_message)
        context.on("weberror", lambda error: self.strange.append(f"thrown: {error.error}"))
        self.page = context.new_page()

    def _look_at_request(self, request: Any) -> None:
        if not request.url.startswith((self.origin + "/", "data:", "blob:")):
            self.strange.append(f"a request to {request.url}")

    def _look_at_message(self, message: Any) -> None:
        if message.type not in ("error", "warning"):
            return
        status = re.search(r"status of (\d{3})", message.text)
        if status and int(status.group(1)) in self.expected:
            return
        self.strange.append(f"{message.type}: {message.text} ({message.location.get('url')})")

    def assert_nothing_strange(self) -> None:
        assert not self.strange, self.strange

    # Ways.

    def open(self, path: str) -> Page:
        self.page.goto(self.origin + path)
        return self.page

    def sign_in(self, path: str = "/alerts", token: str | None = None) -> Page:
        page = self.open(path)
        page.get_by_role("textbox", name="Admin token").fill(token or self.gateway.token)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Sign out").wait_for()
        return page

    def heading(self, name: str) -> Locator:
        return self.page.get_by_role("heading", name=name, level=1)

    def see(self, locator: Locator) -> Locator:
        locator.first.wait_for(state="visible")
        return locator

    def refuse(self, pattern: str, method: str = "GET") -> None:
        """Has requests of one kind refused, until the pattern is given free."""
        problem = json.dumps({"title": "No", "detail": "Not just now.", "code": "unavailable"})

        def answer(route: Route) -> None:
            if route.request.method == method:
                route.fulfill(status=503, body=problem)
            else:
                route.continue_()

        self.page.route(pattern, answer)
        self.expected.add(503)

    # Judgements.

    def assert_accessible(self, where: str, *rules: str) -> None:
        only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": RULES}
        results = Axe().run(self.page, options={"runOnly": only})
        violations = results.response["violations"]
        told = [
            f"{violation['id']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
            for violation in violations
            for node in violation["nodes"]
        ]
        assert not told, (where, told)

    def assert_no_sideways_scrolling(self, where: str) -> None:
        wide = self.page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert wide[0] <= wide[1], (where, wide)


Visit = Callable[..., Visitor]


@contextmanager
def visits(browser: Browser) -> Iterator[Visit]:
    """Opens browsers that share nothing; afterwards none may have done anything strange."""
    visitors: list[Visitor] = []

    def visit(gateway: Gateway, **options: Any) -> Visitor:
        options = {"viewport": DESK, "locale": "en-GB", "timezone_id": "UTC"} | options
        visitors.append(Visitor(browser.new_context(**options), gateway))
        return visitors[-1]

    try:
        yield visit
        for visitor in visitors:
            visitor.assert_nothing_strange()
    finally:
        for visitor in visitors:
            visitor.context.close()


def fact(place: Locator, name: str) -> Locator:
    """What a list of facts there says of one."""
    entry = place.locator("dl > div").filter(has=place.page.get_by_text(name, exact=True))
    return entry.locator("dd")


class Held:
    """The first request to an address, which is answered when the test says so."""

    def __init__(self, page: Page, pattern: str) -> None:
        self.page = page
        self.routes: list[Route] = []
        self.is_over = False
        page.route(pattern, self._take)

    def _take(self, route: Route) -> None:
        if self.is_over or self.routes:
            route.continue_()
        else:
            self.routes.append(route)

    def wait(self) -> Route:
        # Asking the page lets it tell of its requests.
        eventually(lambda: self.page.evaluate("true") and self.routes, "the request")
        self.is_over = True
        return self.routes[0]


def until_live(visitor: Visitor) -> None:
    eventually(
        lambda: visitor.page.locator("#live").inner_text() == "Live", "the page is live", 20
    )
