export { demandInputs } from './demand/contract.js';
export { dailyOf, demandView, demandViewProblem, wholeDaysOf } from './demand/history.js';
export { daysMin, demandModel } from './demand/model.js';
export { onOrderView } from './demand/supply.js';
export * from './predict-fold.js';
export * from './prediction.js';
export { Predictions, type Standing, type UseCaseAnswer } from './predictions.js';
export * from './predictor.js';
