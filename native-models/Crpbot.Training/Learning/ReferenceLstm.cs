namespace Crpbot.Training.Learning;

/// <summary>The plain LSTM in double, as the definition reads; judge of torch's and ONNX Runtime's.</summary>
internal static class ReferenceLstm
{
    /// <param name="sequence">[T, F], oldest first.</param>
    /// <returns>The logit.</returns>
    public static double Evaluate(LstmWeights weights, ReadOnlySpan<float> sequence)
    {
        int length = sequence.Length / weights.Inputs;
        double[][] rows = new double[length][];
        for (int t = 0; t < length; t++)
            rows[t] = [.. sequence.Slice(t * weights.Inputs, weights.Inputs).ToArray().Select(x => (double)x)];
        foreach (LstmLayer layer in weights.Layers)
        {
            var hidden = new double[weights.Hidden];
            var cell = new double[weights.Hidden];
            for (int t = 0; t < length; t++)
                rows[t] = hidden = Step(layer, rows[t], hidden, cell);
        }

        double logit = weights.HeadBias;
        for (int j = 0; j < weights.Hidden; j++)
            logit += weights.HeadWeights[j] * rows[^1][j];
        return logit;
    }

    private static double[] Step(LstmLayer layer, double[] input, double[] hidden, double[] cell)
    {
        int size = hidden.Length;
        var next = new double[size];
        for (int j = 0; j < size; j++)
        {
            double i = Sigmoid(Gate(layer, 0, j, input, hidden));
            double f = Sigmoid(Gate(layer, 1, j, input, hidden));
            double g = Math.Tanh(Gate(layer, 2, j, input, hidden));
            double o = Sigmoid(Gate(layer, 3, j, input, hidden));
            cell[j] = f * cell[j] + i * g;
            next[j] = o * Math.Tanh(cell[j]);
        }

        return next;
    }

    private static double Gate(LstmLayer layer, int gate, int j, double[] input, double[] hidden)
    {
        int row = gate * hidden.Length + j;
        double sum = (double)layer.InputBias[row] + layer.HiddenBias[row];
        for (int k = 0; k < input.Length; k++)
            sum += layer.InputWeights[row * input.Length + k] * input[k];
        for (int k = 0; k < hidden.Length; k++)
            sum += layer.HiddenWeights[row * hidden.Length + k] * hidden[k];
        return sum;
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
