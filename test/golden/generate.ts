// Writes the documents that are made from the code (scripts/generate).

import { writeFileSync } from "node:fs";
import { compatibilityPath, compatibilityText } from "./compatibility.js";
import { configSchemaPath, configSchemaText } from "./config-schema.js";

writeFileSync(compatibilityPath, compatibilityText());
writeFileSync(configSchemaPath, configSchemaText());
