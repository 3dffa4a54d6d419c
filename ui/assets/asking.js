// A question that comes while the run before it is ending: after Stop, or in the moment between the last sentence and
// the end of the run on the server. Gradio takes none until then, and passes over what is asked; it is kept here.
let running = false;
let ending = false;
let askedEarly = "";
let free = null;

const isWorking = () => document.querySelector("#talk .turn.is-working") !== null;

function beginRun() {
	running = true;
	clearTimeout(free);
	ending = false;
	askedEarly = "";
}

function beginEnding() {
	ending = isWorking();
	askedEarly = "";
}

// What was asked twice before its answer began is one question.
function noteWorking() {
	if (askedEarly && !ending && isWorking()) askedEarly = "";
}

function askedWhileEnding(event) {
	if (!running || (!ending && isWorking())) return;
	const field = event.target.matches?.("#question textarea, #as-of :is(input, textarea)");
	const entered = event.type === "keydown" && event.key === "Enter" && !event.shiftKey && field;
	if (entered || (event.type === "click" && event.target.closest("#ask"))) askedEarly = box()?.value.trim() ?? "";
}
document.addEventListener("keydown", askedWhileEnding, true);
document.addEventListener("click", askedWhileEnding, true);
document.addEventListener("click", (event) => event.target.closest("#stop") && beginEnding(), true);

// Called by Gradio when a run has ended; of one that is stopped at times twice, from both of its ends. A question that
// has been changed since is no longer the one that was asked.
window.launchRunEnded = () => {
	clearTimeout(free);
	free = setTimeout(() => {
		if (isWorking() && !ending) return; // the other end of a run before this one
		const now = askedEarly && box()?.value.trim() === askedEarly;
		running = ending = false;
		askedEarly = "";
		if (now) press("ask");
	}, 150);
};
