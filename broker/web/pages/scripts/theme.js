// The theme: as the browser has it, light, or dark. The broker reads the cookie, so no page flashes.
const themes = ["", "light", "dark"];
const words = { "": "as the system", light: "light", dark: "dark" };
const theme = document.querySelector(".theme");

function label() {
  const chosen = document.documentElement.dataset.theme ?? "";
  theme.dataset.theme = chosen;
  theme.ariaLabel = theme.title = `Theme: ${words[chosen]}`;
}

if (theme) {
  theme.addEventListener("click", () => {
    const chosen = themes[(themes.indexOf(document.documentElement.dataset.theme ?? "") + 1) % themes.length];
    if (chosen) document.documentElement.dataset.theme = chosen;
    else delete document.documentElement.dataset.theme;
    document.cookie = `theme=${chosen}; path=${theme.dataset.path}; max-age=${chosen ? 31536000 : 0}; samesite=lax`;
    label();
  });
  label();
}
