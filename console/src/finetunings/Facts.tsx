import type { FinetuningViewFragment } from '../gql/graphql'
import { calendar } from '../shared/times'

export function Facts({ finetuning }: { finetuning: FinetuningViewFragment }) {
  const { baseLlm, dataset, dbConnection, metadata } = finetuning
  const { nEpochs, batchSize, learningRateMultiplier } = baseLlm.modelParameters
  const facts = {
    Model: baseLlm.modelName,
    Hyperparameters: `${nEpochs} epochs, batch size ${batchSize}, learning rate × ${learningRateMultiplier}`,
    Database: dbConnection?.alias ?? 'deleted meanwhile',
    'Trained on': dataset && `${dataset.recordCount} golden records`,
    Created: calendar(finetuning.createdAt),
    'Job at the provider': finetuning.finetuningJobId,
    'Trained tokens': finetuning.trainedTokens?.toLocaleString('en'),
    'Trained model': finetuning.modelId,
    Metadata: metadata && Object.entries(metadata).map(([key, value]) => `${key}: ${value}`).join(', '),
    Error: finetuning.error,
  }
  return (
    <dl className="facts">
      {Object.entries(facts).map(
        ([name, value]) =>
          value && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  )
}
