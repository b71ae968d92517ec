// Keeps the page up to date: when the stream tells something, or some time has passed, the page is asked
// for again and what is new takes the place of what was. Without this script it reloads by itself.
"use strict";

const REFRESH_MILLISECONDS = 1000 * Number(document.currentScript.dataset.refresh);
const SETTLE_MILLISECONDS = 300; // several events come at once
const PARTS = ["header.top", "main"];

let waiting = null;
let asking = false;

function isBusy() {
  const held = document.activeElement;
  return document.hidden || (held && held.closest("form") !== null);
}

async function refresh() {
  waiting = null;
  if (asking || isBusy()) {
    later(REFRESH_MILLISECONDS);
    return;
  }
  asking = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.ok) {
      take(new DOMParser().parseFromString(await answer.text(), "text/html"));
    }
  } catch {
    // the server is away for a moment: what is shown keeps its age
  } finally {
    asking = false;
    later(REFRESH_MILLISECONDS);
  }
}

function take(fresh) {
  const open = [...document.querySelectorAll("details")].map((each) => each.open);
  const focused = document.activeElement && document.activeElement.getAttribute("href");
  for (const part of PARTS) {
    const old = document.querySelector(part);
    const found = fresh.querySelector(part);
    if (old && found && !old.isEqualNode(found)) {
      old.replaceWith(document.adoptNode(found));
    }
  }
  document.querySelectorAll("details").forEach((each, index) => {
    each.open = open[index] ?? each.open;
  });
  if (focused && document.activeElement === document.body) {
    const again = [...document.querySelectorAll("a[href]")].find(
      (each) => each.getAttribute("href") === focused,
    );
    if (again) again.focus({ preventScroll: true });
  }
}

function later(milliseconds) {
  clearTimeout(waiting);
  waiting = setTimeout(refresh, milliseconds);
}

const stream = new EventSource("/feed/stream");
stream.onmessage = () => later(SETTLE_MILLISECONDS);
addEventListener("pagehide", () => stream.close());
later(REFRESH_MILLISECONDS);
