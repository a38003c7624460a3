import type { Scenario } from "./scenario.ts";
import { CLIENT } from "./scenarios/client.ts";
import { ERRORS } from "./scenarios/errors.ts";
import { HELPERS } from "./scenarios/helpers.ts";
import { PROMISES } from "./scenarios/promises.ts";
import { RECORDED } from "./scenarios/recorded.ts";
import { RECORDED_FIELDS } from "./scenarios/recorded-fields.ts";
import { RESPONSES } from "./scenarios/responses.ts";
import { STREAMS } from "./scenarios/streams.ts";
import { SUBCLASSES } from "./scenarios/subclasses.ts";
import { SURFACES } from "./scenarios/surfaces.ts";

export { errorFacts, type OpenAIModule } from "./scenario.ts";

/** By topic, in the order of the table in docs/openai-conformance.md. */
export const TOPICS: readonly { title: string; scenarios: readonly Scenario[] }[] = [
  { title: "Promises", scenarios: PROMISES },
  { title: "Errors, retries, aborts, odd answers", scenarios: ERRORS },
  { title: "Streams", scenarios: STREAMS },
  { title: "Helpers", scenarios: HELPERS },
  { title: "Responses", scenarios: RESPONSES },
  { title: "Other surfaces", scenarios: SURFACES },
  { title: "The client", scenarios: CLIENT },
  { title: "Subclasses", scenarios: SUBCLASSES },
  { title: "What is recorded", scenarios: [...RECORDED, ...RECORDED_FIELDS] },
];

export const SCENARIOS: readonly Scenario[] = TOPICS.flatMap(({ scenarios }) => scenarios);
