// Instants as data files show them: seconds since 1970, and in words of the local time.

const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
const months = [
  ...["Jan", "Feb", "Mar", "Apr", "May", "Jun"],
  ...["Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
] as const;

/** "1795653076.916765 (Thu Nov 26 00:31:16.916765 2026)" of microseconds since 1970. */
export function instantText(wallUs: number): string {
  const us = Math.round(wallUs);
  const seconds = Math.floor(us / 1e6);
  const fraction = String(us - seconds * 1e6).padStart(6, "0");
  const at = new Date(seconds * 1000);
  const day = `${days[at.getDay()]} ${months[at.getMonth()]} ${String(at.getDate()).padStart(2)}`;
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
  return `${seconds}.${fraction} (${day} ${clock}.${fraction} ${at.getFullYear()})`;
}
