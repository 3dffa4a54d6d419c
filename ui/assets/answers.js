// What readers do with an answer: say whether it is good, follow it up, save a fact-check pack.
const MOST_NOTE = 2000;
const turnOf = (node) => node.closest(".turn");
const keptTurn = (turn) => talk.turns[Number(turn?.dataset.turn) - 1];

async function post(path, body, signal = undefined) {
	let reply;
	try {
		const headers = { "content-type": "application/json" };
		reply = await fetch(path, { method: "POST", headers, body: JSON.stringify(body), signal });
	} catch {
		throw new Error("The server does not answer. Check that it is still running, then try again.");
	}
	if (reply.ok) return reply;
	const told = await reply.json().catch(() => null);
	throw new Error(told?.error?.message ?? `The server refused this (${reply.status}).`);
}

function tell(turn, words, isProblem = false) {
	const said = turn.querySelector(".said");
	said.textContent = words;
	said.classList.toggle("problem", isProblem);
}

async function say(turn, verdict, { marker = null, note = "" } = {}) {
	const kept = keptTurn(turn);
	if (!kept?.answer) return false;
	try {
		await post("./api/feedback", { answer: kept.answer, verdict, marker, note });
	} catch (problem) {
		tell(turn, problem.message, true);
		return false;
	}
	kept.said = verdict === "up" ? "up" : "down";
	keepTalk();
	drawIn();
	tell(turn, verdict === "citation" ? `Kept: citation ${marker} is wrong. Thank you.` : "Kept. Thank you.");
	return true;
}

// Further questions come after the answer, in their own time, or not at all. While others wait for answers the server
// puts them off; then they are asked for again, a few times.
let suggesting = null;
const SUGGEST_AGAIN = [4_000, 12_000, 40_000];
const waited = (ms, signal) => new Promise((done) => {
	setTimeout(done, ms);
	signal.addEventListener("abort", done);
});
async function suggestNext(kept) {
	suggesting?.abort();
	if (!kept.answer) return;
	const { signal } = (suggesting = new AbortController());
	const asked = talk.turns.map((t) => t.question);
	for (const pause of [...SUGGEST_AGAIN, 0]) {
		let told;
		try {
			told = await (await post("./api/suggestions", { answer: kept.answer, asked }, signal)).json();
		} catch {
			return;
		}
		if (!told.later) {
			kept.next = told.questions;
			break;
		}
		if (pause) await waited(pause, signal);
		if (signal.aborted) return;
	}
	if (!kept.next?.length) return;
	keepTalk();
	drawIn();
}

function drawSuggestions() {
	const turn = document.querySelector("#talk .turn:last-child.is-done");
	const place = turn?.querySelector(".next");
	const next = keptTurn(turn)?.next;
	if (!place || place.childElementCount || !Array.isArray(next) || !next.length) return;
	const list = make("ul", { class: "chips" });
	for (const question of next.slice(0, 6).map(String)) {
		list.append(make("li", {}, make("button", { type: "button", class: "chip", "data-act": "ask", "data-question": question, dir: "auto" }, question)));
	}
	place.append(make("h3", { class: "eyebrow" }, "The sources also answer"), list);
}

// The conversation is redrawn at times; what was said of its answers is drawn in again.
function drawIn() {
	drawSuggestions();
	drawForms();
	document.querySelectorAll("#talk .turn").forEach((turn) => {
		const said = turn.querySelector("form.complaint") ? null : keptTurn(turn)?.said;
		for (const side of ["up", "down"]) {
			const pressed = String(said === side);
			const button = turn.querySelector(`[data-act="${side}"]`);
			if (button && button.getAttribute("aria-pressed") !== pressed) button.setAttribute("aria-pressed", pressed);
		}
	});
}

async function savePack(format) {
	const answers = talk.turns.map((t) => t.answer).filter(Boolean);
	const menu = document.querySelector("#save");
	menu.open = false;
	menu.querySelector("summary").focus();
	if (!answers.length) return announce("There is no answer to save yet.");
	let reply;
	try {
		reply = await post("./api/export", { title: titleOf(talk), answers, format });
	} catch (problem) {
		const last = document.querySelector("#talk .turn:last-child");
		if (last) tell(last, problem.message, true);
		return;
	}
	const name = /filename="([^"]+)"/.exec(reply.headers.get("content-disposition") ?? "")?.[1] ?? "fact-check";
	const link = make("a", { href: URL.createObjectURL(await reply.blob()), download: name });
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 30_000);
	announce(`Saved as ${name}.`);
}
