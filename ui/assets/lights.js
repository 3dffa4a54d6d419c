// A marker, its card and its sentences light up together: while one of them is pointed at or has the focus, and for
// as long as the one that was opened last is not left.
let underPointer = null;
let underFocus = null;
let pinned = null;

const LIT = ".text [data-markers], .marker[data-marker], .card, .quotes [data-quote]";
const markersOf = (node) => (node.dataset.marker ?? node.dataset.quote ?? node.dataset.markers ?? "").split(" ").filter(Boolean).map(Number);

// The turn by its number, because the conversation is redrawn.
function lightOf(node) {
	const found = node?.closest?.(`#talk .turn :is(${LIT})`);
	return found ? { turn: turnOf(found).dataset.turn, markers: markersOf(found) } : null;
}

function relight() {
	const now = underPointer ?? underFocus ?? pinned;
	document.querySelectorAll(`#talk .turn :is(${LIT})`).forEach((each) => {
		const lit = now !== null && turnOf(each).dataset.turn === now.turn && markersOf(each).some((m) => now.markers.includes(m));
		if (each.classList.contains("is-active") !== lit) each.classList.toggle("is-active", lit);
	});
}

function pin(turn, markers) {
	pinned = turn && markers.length ? { turn: turn.dataset.turn, markers } : null;
	relight();
}

document.addEventListener("pointerover", (event) => {
	const before = underPointer;
	underPointer = event.pointerType === "touch" ? null : lightOf(event.target);
	if (before || underPointer) relight();
});
document.documentElement.addEventListener("pointerleave", () => {
	underPointer = null;
	relight();
});
document.addEventListener("focusin", (event) => {
	underFocus = lightOf(event.target);
	relight();
});
document.addEventListener("focusout", () => {
	underFocus = null;
	relight();
});
document.addEventListener("click", (event) => {
	if (pinned && !event.target.closest("button, a, dialog") && !lightOf(event.target)) pin(null, []);
});
document.addEventListener("keydown", (event) => {
	if (event.key === "Escape" && pinned && !document.querySelector("dialog[open]")) pin(null, []);
});
