namespace Crpbot.Training.Learning;

/// <summary>One layer, gate rows stacked i, f, g, o as torch keeps them; row-major.</summary>
internal sealed record LstmLayer(int Inputs, float[] InputWeights, float[] HiddenWeights, float[] InputBias, float[] HiddenBias);

/// <summary>A trained LSTM and its linear head, free of any library's types.</summary>
internal sealed record LstmWeights(int Inputs, int Hidden, LstmLayer[] Layers, float[] HeadWeights, float HeadBias);

/// <summary>A linear model of the newest Bar alone.</summary>
internal sealed record LogisticWeights(float[] Weights, float Bias);
