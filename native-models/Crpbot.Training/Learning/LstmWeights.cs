namespace Crpbot.Training.Learning;

/// <summary>One layer, gate rows stacked i, f, g, o as torch keeps them; row-major.</summary>
internal sealed record LstmLayer(int Inputs, float[] InputWeights, float[] HiddenWeights, float[] InputBias, float[] HiddenBias);

/// <summary>A trained LSTM and its linear head, free of any library's types.</summary>
internal sealed record LstmWeights(int Inputs, int Hidden, LstmLayer[] Layers, float[] HeadWeights, float HeadBias);

/// <summary>A linear model of the newest Bar alone.</summary>
internal sealed record LogisticWeights(float[] Weights, float Bias)
{
    /// <summary>The logit of a scaled row, in plain code.</summary>
    public double Score(ReadOnlySpan<float> row)
    {
        double score = Bias;
        for (int i = 0; i < row.Length; i++)
            score += (double)Weights[i] * row[i];
        return score;
    }
}
