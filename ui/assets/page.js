// What the page does in the browser. Gradio runs these files once, joined in the order that ui/theme.py gives, with
// the page element's own `element`, `trigger` and `server`. Everything listens at the document, because the
// conversation is redrawn while an answer grows. Text from articles, questions and the browser's store is only ever
// set as text; HTML comes from the server's renderer alone.
const reader = element.querySelector("#reader");
const sheet = element.querySelector("#reader-page");
const steps = element.querySelector("#reader-steps");
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const behaviour = () => (calm() ? "auto" : "smooth");
let opening = 0;

// An element with its properties and what is in it; strings become text.
function make(tag, properties = {}, ...inside) {
	const made = document.createElement(tag);
	for (const [name, value] of Object.entries(properties)) {
		if (name in made && typeof value !== "string") made[name] = value;
		else made.setAttribute(name, value);
	}
	made.append(...inside);
	return made;
}

function announce(words) {
	const live = document.querySelector("#live");
	if (live) live.textContent = words;
}

const box = () => document.querySelector("#question textarea");

function fill(question) {
	const field = box();
	if (!field) return;
	Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(field, question);
	field.dispatchEvent(new InputEvent("input", { bubbles: true }));
	field.focus();
	field.setSelectionRange(field.value.length, field.value.length);
}

// The field is Gradio's: it takes a moment to notice what was put into it.
function askNow(question) {
	fill(question);
	setTimeout(() => press("ask"), 50);
}

function press(id) {
	const found = document.querySelector(`#${id}`);
	const button = found?.matches("button") ? found : found?.querySelector("button");
	button?.click();
}

// `pinning`: the markers that stay lit after the article is closed.
async function open(request, turn, pinning = [request.focus]) {
	const mine = ++opening;
	if (turn) pin(turn, pinning);
	sheet.innerHTML = '<p class="waiting" role="status">Opening the article…</p>';
	steps.replaceChildren();
	if (!reader.open) {
		reader.showModal();
		enterReader();
	}
	let answer;
	try {
		answer = await server.open_quote(request);
	} catch {
		answer = { problem: "The server does not answer. Check that it is still running, then try again." };
	}
	if (mine !== opening || !reader.open) return;
	if (answer.problem) {
		const problem = document.createElement("p");
		problem.className = "problem";
		problem.setAttribute("role", "alert");
		problem.textContent = answer.problem;
		sheet.replaceChildren(problem, ...(answer.gone ? keptQuotes(request, turn) : []));
		return;
	}
	// Escaped by the renderer on the server; see ui/markup.py.
	sheet.innerHTML = answer.html;
	showSteps(request, turn);
	const quote = sheet.querySelector("#quote");
	if (quote) {
		quote.scrollIntoView({ block: "center", behavior: "auto" });
		quote.focus({ preventScroll: true });
	} else {
		sheet.scrollTop = 0;
		sheet.focus({ preventScroll: true });
	}
}

// An open article is a step in the browser's history, so that Back closes it and leads no further.
let stepping = null;
function enterReader() {
	const step = () => reader.open && !history.state?.reader && history.pushState({ ...history.state, reader: true }, "");
	if (stepping) stepping.then(step);
	else step();
}

function leaveStep() {
	if (!history.state?.reader || stepping) return;
	stepping = new Promise((done) => addEventListener("popstate", done, { once: true })).then(() => (stepping = null));
	history.back();
}

// Told late, when the next article may be open already: that one takes the step over.
reader.addEventListener("close", () => reader.open || leaveStep());
addEventListener("popstate", (event) => {
	if (!event.state?.reader) {
		// While one article is left by its own button, the next may be open already.
		if (!stepping) reader.close();
	} else if (!reader.open) leaveStep();
});
// After a reload the article is no longer open.
leaveStep();

// What the answer itself kept of an article that is gone, and that it is no more than that.
function keptQuotes(request, turn) {
	const markers = request.quotes.map((q) => q[0]);
	const answer = keptTurn(turn)?.answer;
	const quotes = [...(answer?.citations ?? []), ...(answer?.agreeing ?? [])].filter((c) => markers.includes(c.marker));
	if (!quotes.length) return [];
	const said = make("p", { class: "soft" }, "What this answer quoted from it before, as the answer kept it. It can no longer be compared with the article.");
	return [said, ...quotes.map((c) => make("blockquote", { class: "kept", dir: "auto" }, String(c.quote)))];
}

function showSteps(request, turn) {
	if (!turn || request.quotes.length < 2) return;
	for (const [marker] of request.quotes) {
		const button = document.createElement("button");
		button.type = "button";
		button.className = "marker";
		button.textContent = marker;
		button.setAttribute("aria-label", `Quote ${marker}`);
		if (marker === request.focus) button.setAttribute("aria-current", "true");
		button.addEventListener("click", () => open({ ...request, focus: marker }, turn));
		steps.append(button);
	}
}

function openMarker(button) {
	const turn = button.closest(".turn");
	const marker = Number(button.dataset.marker);
	const all = JSON.parse(turn.dataset.quotes);
	const cited = all.find((q) => q[0] === marker);
	if (!cited) return;
	const [, article, digest] = cited;
	const quotes = all.filter((q) => q[1] === article).map((q) => [q[0], q[3], q[4]]);
	// A card's title opens the article for all of its quotes.
	const pinning = button.matches(".open") ? quotes.map((q) => q[0]) : [marker];
	open({ article, digest, quotes, focus: marker }, turn, pinning);
}
