// Writes docs/COMPATIBILITY.md (scripts/compatibility).

import { writeFileSync } from "node:fs";
import { compatibilityPath, compatibilityText } from "./compatibility.js";

writeFileSync(compatibilityPath, compatibilityText());
