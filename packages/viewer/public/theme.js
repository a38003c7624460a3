// Runs before the first paint. Without a stored choice the system's colour scheme decides (see styles/tokens.css).
(function () {
  try {
    var theme = localStorage.getItem("spanwise.theme");
    if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage can be forbidden; the system's colour scheme is then used.
  }
})();
