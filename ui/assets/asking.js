// A question that follows one that was stopped. Gradio takes none until the step under way has ended, and passes over
// what is asked before; it is kept here until then.
let ending = false;
let askedEarly = false;
let free = null;

function beginEnding() {
	ending = document.querySelector("#talk .turn.is-working") !== null;
	askedEarly = false;
}

function askedWhileEnding(event) {
	if (!ending) return;
	const entered = event.type === "keydown" && event.key === "Enter" && !event.shiftKey && event.target === box();
	askedEarly ||= entered || (event.type === "click" && event.target.closest("#ask") !== null);
}
document.addEventListener("keydown", askedWhileEnding, true);
document.addEventListener("click", askedWhileEnding, true);
document.addEventListener("click", (event) => event.target.closest("#stop") && beginEnding(), true);

// Called by Gradio when a run has ended; of one that is stopped at times twice, from both of its ends.
window.launchRunEnded = () => {
	clearTimeout(free);
	free = setTimeout(() => {
		const now = askedEarly && box()?.value.trim();
		ending = askedEarly = false;
		if (now) press("ask");
	}, 150);
};
