// Keeps the page up to date: when the stream tells something, or some time has passed, the page is asked
// for again and what is new takes the place of what was. Without this script it reloads by itself.
"use strict";

const REFRESH_MILLISECONDS = 1000 * Number(document.currentScript.dataset.refresh);
const SETTLE_MILLISECONDS = 300; // several events come at once
const RETRY_MILLISECONDS = 3000;
const PARTS = ["header.top", "main"];

let waiting = null;
let asking = false;
let took = 0;
let due = 0;

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
  let next = REFRESH_MILLISECONDS;
  const began = performance.now();
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.ok) {
      take(new DOMParser().parseFromString(await answer.text(), "text/html"));
      took = performance.now() - began;
    } else {
      next = asked(answer) || next;
    }
  } catch {
    // the server is away for a moment: what is shown keeps its age
  } finally {
    asking = false;
    later(next);
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
  due = performance.now() + milliseconds;
  waiting = setTimeout(refresh, milliseconds);
}

// Follows the stream for as long as the page is open. `EventSource` gives up where it is told to come again later;
// this waits as long as it is asked to, and goes on after the last event that it saw.
async function follow(signal) {
  let last = null;
  while (!signal.aborted) {
    let wait = RETRY_MILLISECONDS;
    try {
      const answer = await fetch("/feed/stream", {
        headers: last === null ? {} : { "Last-Event-ID": last },
        signal,
      });
      if (answer.ok) {
        last = await listened(answer.body, last);
        if (last === null) soon(); // what is told before it listens again is seen by asking
      } else {
        wait = asked(answer) || REFRESH_MILLISECONDS;
        if (answer.status === 400 || answer.status === 410) {
          last = null; // another store, or what came after it is kept no longer
          soon();
        }
      }
    } catch {
      // the server is away for a moment
    }
    await new Promise((done) => setTimeout(done, wait * (1 + Math.random() / 2)));
  }
}

async function listened(body, last) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let id = last;
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return last;
      const lines = (rest + value).split(/\r?\n/);
      rest = lines.pop();
      for (const line of lines) {
        if (line.startsWith("id: ")) id = line.slice(4);
        if (line === "" && id !== last) {
          last = id;
          soon();
        }
      }
    }
  } catch {
    return last;
  }
}

function asked(answer) {
  return 1000 * Number(answer.headers.get("Retry-After"));
}

// Not sooner than an answer took ten times over: a page that is dear to make is asked for ever more rarely. What
// comes until then puts it off no further.
function soon() {
  const rest = Math.min(Math.max(SETTLE_MILLISECONDS, 10 * took), REFRESH_MILLISECONDS);
  if (performance.now() + rest < due) later(rest);
}

let following = null;
addEventListener("pagehide", () => following?.abort());
addEventListener("pageshow", () => {
  following = new AbortController();
  follow(following.signal);
});
later(REFRESH_MILLISECONDS);
