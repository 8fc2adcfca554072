// Routes and rules on the kernel of the machine, in a network namespace.

import { testInNamespace } from "../lab/steps.js";
import { routeSteps } from "./route-steps.js";

await testInNamespace(import.meta.url, routeSteps);
