// What readers write on an answer: a complaint, the question in other words. The conversation is redrawn at times;
// a form that is open, and what was typed into it, stays.
const openForms = new Map();
let typingIn = null;

// kind: "complaint" or "rewrite"; each turn has one form of a kind at most.
function openForm(turn, kind, form) {
	openForms.set(`${kind} ${turn.dataset.turn}`, form);
	putForm(turn, kind, form);
}

function closeForm(turn, kind) {
	const name = `${kind} ${turn.dataset.turn}`;
	openForms.get(name)?.remove();
	openForms.delete(name);
	const shown = turn.querySelector(".question");
	if (kind === "rewrite" && shown) shown.hidden = false;
	if (kind !== "complaint") return;
	turn.querySelector('[data-act="down"]')?.setAttribute("aria-expanded", "false");
	drawIn();
}

function closeForms() {
	openForms.clear();
}

function putForm(turn, kind, form) {
	if (kind === "complaint") {
		turn.querySelector(".said").before(form);
		turn.querySelector('[data-act="down"]').setAttribute("aria-expanded", "true");
		return;
	}
	turn.querySelector(".question").hidden = true;
	turn.querySelector(".question").after(form);
}

function drawForms() {
	for (const [name, form] of openForms) {
		const [kind, number] = name.split(" ");
		const turn = document.querySelector(`#t${number}`);
		if (form.isConnected || !turn?.querySelector(kind === "complaint" ? ".said" : ".question")) continue;
		putForm(turn, kind, form);
		if (document.activeElement === document.body && form.contains(typingIn)) typingIn.focus({ preventScroll: true });
	}
}

document.addEventListener("focusin", (event) => (typingIn = event.target));

function complain(turn, marker) {
	if (turn.querySelector("form.complaint")) {
		closeForm(turn, "complaint");
		if (marker === null) {
			turn.querySelector('[data-act="down"]').focus();
			return;
		}
	}
	const number = turn.dataset.turn;
	const here = () => document.querySelector(`#t${number}`);
	const citations = keptTurn(turn)?.answer?.citations ?? [];
	const name = `t${number}`;
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
		closeForm(here(), "complaint");
		here().querySelector('[data-act="down"]').focus();
	};
	cancel.addEventListener("click", close);
	form.addEventListener("keydown", (event) => event.key === "Escape" && close());
	form.addEventListener("submit", async (event) => {
		event.preventDefault();
		const wrong = what.value ? Number(what.value) : null;
		if (await say(here(), wrong === null ? "down" : "citation", { marker: wrong, note: note.value })) close();
	});
	openForm(turn, "complaint", form);
	// What was said before is neither thanked for nor lit while something else is being said.
	tell(turn, "");
	drawIn();
	(marker === null ? what : note).focus();
	form.scrollIntoView({ block: "nearest", behavior: behaviour() });
}

// The last question is changed where it stands; one that has been followed by another is asked anew.
function editQuestion(turn) {
	if (turn.querySelector("form.rewrite")) return;
	const number = turn.dataset.turn;
	const here = () => document.querySelector(`#t${number}`);
	const field = make("textarea", { rows: "2", maxLength: Number(box()?.maxLength) > 0 ? box().maxLength : 2000, "aria-label": "Your question, changed", dir: "auto" });
	field.value = keptTurn(turn)?.question ?? turn.querySelector(".question").textContent;
	const cancel = make("button", { type: "button" }, "Cancel");
	const form = make("form", { class: "rewrite" }, field, make("div", { class: "row-tools" }, make("button", { type: "submit", class: "main" }, "Ask instead"), cancel));
	const back = () => {
		closeForm(here(), "rewrite");
		here().querySelector(':is([data-act="edit"], [data-act="reuse"])')?.focus();
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
		const question = field.value;
		if (!question.trim()) return;
		const isLast = here().matches(":last-child");
		closeForm(here(), "rewrite");
		if (isLast) {
			beginRun();
			trigger("ask_instead", { question, ...heldTalk() });
			box()?.focus();
		} else {
			askNow(question);
		}
	});
	openForm(turn, "rewrite", form);
	field.focus();
	field.setSelectionRange(field.value.length, field.value.length);
}
