// Buttons that copy what stands before them, or what they say in data-copy.
addEventListener("click", async (event) => {
  const button = event.target.closest?.(".copy");
  if (!button) return;
  const source = button.previousElementSibling;
  const text = button.dataset.copy ?? source.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch { // there is no clipboard without https
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    button.focus();
  }
  const before = button.textContent;
  button.textContent = "Copied";
  document.getElementById("said").textContent = "Copied";
  setTimeout(() => (button.textContent = before), 1500);
});
