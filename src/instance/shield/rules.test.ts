/** A signature as a rule: it stops what the signature fits, also where texts were cut or cannot be named. */
import { expect, test } from 'vitest';
import { MOST_TEXT } from '../../edge/reports/arrivals.ts';
import { request, verdictOf } from '../../engines/waf/waf.fixture.ts';
import { type Rule, validateRules } from '../../engines/waf/index.ts';
import type { Term } from '../../engines/traffic/index.ts';
import type { Actor, Caller } from '../../services/service.ts';
import { placeRules } from './rules.ts';
