import { DAY_MS } from './parameters.js';
import { CATEGORY_WORDS } from './vocabulary.js';
/** Codes entered in the basket; they become a promotion line of the order. */
export const BASKET_CODES = [
  { code: 'WELCOME10', percentOff: 10 },
  { code: 'SEASON15', percentOff: 15 },
];
export const makePromotions = (parameters, random) => {
  const promotions = [];
  for (let day = random.between(3, 14); day < parameters.days; day += random.between(9, 21)) {
    const category = random.below(CATEGORY_WORDS.length);
    const lengthDays = random.between(4, 12);
    promotions.push({
      index: promotions.length,
      name: `${CATEGORY_WORDS[category]?.name['en-GB']} sale ${promotions.length + 1}`,
      category,
      percentOff: random.pick([10, 15, 20, 25, 30]),
      fromDay: day,
      toDay: Math.min(parameters.days - 1, day + lengthDays),
      uplift: 1.1 + random.next() * 0.5,
    });
  }
  return promotions;
};
export const dayOf = (parameters, atMs) =>
  Math.floor((atMs - (parameters.epochMs - parameters.days * DAY_MS)) / DAY_MS);
//# sourceMappingURL=promotions.js.map
