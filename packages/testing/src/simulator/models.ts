import { knownModels } from "./known-models.js";
import type { SimulatedModel } from "./simulated-model.js";

/**
 * The model that a request means by `id`, retired ones included. A model of `models` stands in for a known one that
 * goes by the same id.
 */
export function findModel(id: string, models: readonly SimulatedModel[] = []): SimulatedModel | undefined {
  const goesById = (model: SimulatedModel) => model.id === id || model.aliases?.includes(id) === true;
  return models.find(goesById) ?? knownModels.find(goesById);
}

/** Every model, retired ones included, newest first. */
export function allModels(models: readonly SimulatedModel[] = []): readonly SimulatedModel[] {
  const replaced = new Set(models.map(({ id }) => id));
  const all = [...models, ...knownModels.filter(({ id }) => !replaced.has(id))];
  return all.sort((one, other) => Date.parse(other.createdAt) - Date.parse(one.createdAt));
}
