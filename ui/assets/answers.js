// What readers do with an answer: say whether it is good, change the question, save a fact-check pack.
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

// Further questions come after the answer, in their own time, or not at all.
let suggesting = null;
async function suggestNext(kept) {
	suggesting?.abort();
	if (!kept.answer) return;
	suggesting = new AbortController();
	const asked = talk.turns.map((t) => t.question);
	try {
		const reply = await post("./api/suggestions", { answer: kept.answer, asked }, suggesting.signal);
		kept.next = (await reply.json()).questions;
	} catch {
		return;
	}
	if (!kept.next.length) return;
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
	document.querySelectorAll("#talk .turn").forEach((turn) => {
		const said = keptTurn(turn)?.said;
		for (const side of ["up", "down"]) {
			const pressed = String(said === side);
			const button = turn.querySelector(`[data-act="${side}"]`);
			if (button && button.getAttribute("aria-pressed") !== pressed) button.setAttribute("aria-pressed", pressed);
		}
	});
}

function complain(turn, marker) {
	const opener = turn.querySelector('[data-act="down"]');
	const open = turn.querySelector("form.complaint");
	if (open) {
		open.remove();
		opener.setAttribute("aria-expanded", "false");
		if (marker === null) {
			opener.focus();
			return;
		}
	}
	const citations = keptTurn(turn)?.answer?.citations ?? [];
	const name = `t${turn.dataset.turn}`;
	const what = make("select", { id: `${name}-what` }, make("option", { value: "" }, "The answer as a whole"));
	for (const c of citations) {
		what.append(make("option", { value: String(c.marker) }, `Citation ${c.marker}: ${c.publisher || c.title}`));
	}
	if (marker !== null) what.value = String(marker);
	const note = make("textarea", { id: `${name}-note`, rows: "3", maxLength: MOST_NOTE, dir: "auto" });
	const cancel = make("button", { type: "button" }, "Cancel");
	const form = make(
		"form",
		{ class: "complaint" },
		make("label", { for: what.id }, "What is wrong?"),
		what,
		make("label", { for: note.id }, "In your words (may be left empty)"),
		note,
		make("div", { class: "row-tools" }, make("button", { type: "submit", class: "main" }, "Send"), cancel),
	);
	const close = () => {
		form.remove();
		opener.setAttribute("aria-expanded", "false");
		opener.focus();
	};
	cancel.addEventListener("click", close);
	form.addEventListener("keydown", (event) => event.key === "Escape" && close());
	form.addEventListener("submit", async (event) => {
		event.preventDefault();
		const wrong = what.value ? Number(what.value) : null;
		if (await say(turn, wrong === null ? "down" : "citation", { marker: wrong, note: note.value })) close();
	});
	turn.querySelector(".said").before(form);
	opener.setAttribute("aria-expanded", "true");
	(marker === null ? what : note).focus();
	form.scrollIntoView({ block: "nearest", behavior: behaviour() });
}

// The last question is changed where it stands.
function editQuestion(turn) {
	const shown = turn.querySelector(".question");
	if (!shown || turn.querySelector("form.rewrite")) return;
	const field = make("textarea", { rows: "2", maxLength: Number(box()?.maxLength) > 0 ? box().maxLength : 2000, "aria-label": "Your question, changed", dir: "auto" });
	field.value = keptTurn(turn)?.question ?? shown.textContent;
	const cancel = make("button", { type: "button" }, "Cancel");
	const form = make("form", { class: "rewrite" }, field, make("div", { class: "row-tools" }, make("button", { type: "submit", class: "main" }, "Ask instead"), cancel));
	const back = () => {
		form.replaceWith(shown);
		turn.querySelector('[data-act="edit"]')?.focus();
	};
	cancel.addEventListener("click", back);
	field.addEventListener("keydown", (event) => {
		if (event.key === "Escape") back();
		if (event.key === "Enter" && !event.shiftKey) {
			event.preventDefault();
			form.requestSubmit();
		}
	});
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		if (!field.value.trim()) return;
		form.replaceWith(shown);
		trigger("ask_instead", { question: field.value });
		box()?.focus();
	});
	shown.replaceWith(form);
	field.focus();
	field.setSelectionRange(field.value.length, field.value.length);
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
