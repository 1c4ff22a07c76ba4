namespace Crpbot.Training.Evaluation;

/// <summary>One class against the rest. A rate without a denominator is 0, as the usual libraries have it.</summary>
/// <param name="Support">Samples that are of the class.</param>
internal readonly record struct ClassFigures(double Precision, double Recall, double F1, long Support);

/// <summary>What a classifier of K classes said against what was: counts, and the figures made of them. Rates are fractions.</summary>
internal sealed class ClassMetrics
{
    private ClassMetrics(long[,] confusion)
    {
        Confusion = confusion;
        int classes = confusion.GetLength(0);
        Classes = [.. Enumerable.Range(0, classes).Select(FiguresOf)];
        Samples = Classes.Sum(c => c.Support);
        Accuracy = Enumerable.Range(0, classes).Sum(k => confusion[k, k]) / (double)Samples;
        Macro = new ClassFigures(Classes.Average(c => c.Precision), Classes.Average(c => c.Recall), Classes.Average(c => c.F1), Samples);
        Weighted = new ClassFigures(Mean(c => c.Precision), Mean(c => c.Recall), Mean(c => c.F1), Samples);
    }

    /// <summary>[K, K]: true class, then the class said.</summary>
    public long[,] Confusion { get; }

    public long Samples { get; }

    public double Accuracy { get; }

    public IReadOnlyList<ClassFigures> Classes { get; }

    /// <summary>Mean over the classes.</summary>
    public ClassFigures Macro { get; }

    /// <summary>Mean over the classes, each by its samples.</summary>
    public ClassFigures Weighted { get; }

    /// <param name="truth">0 to K − 1; at least one.</param>
    /// <param name="said">As many.</param>
    /// <param name="classes">K.</param>
    /// <exception cref="InvalidDataException">The lengths differ, there is nothing, or a class is none of the K.</exception>
    public static ClassMetrics Of(ReadOnlySpan<int> truth, ReadOnlySpan<int> said, int classes)
    {
        if (truth.IsEmpty || truth.Length != said.Length)
            throw new InvalidDataException($"{truth.Length} true classes beside {said.Length} said ones: expected as many, and at least one");
        var confusion = new long[classes, classes];
        for (int i = 0; i < truth.Length; i++)
        {
            if ((uint)truth[i] >= (uint)classes || (uint)said[i] >= (uint)classes)
                throw new InvalidDataException($"sample {i}: class {truth[i]} said to be {said[i]}, expected 0 to {classes - 1}");
            confusion[truth[i], said[i]]++;
        }

        return new ClassMetrics(confusion);
    }

    /// <summary>Classes said are those of the largest probability; the first of equals.</summary>
    /// <param name="truth">0 to K − 1; at least one.</param>
    /// <param name="probabilities">[N, K].</param>
    /// <param name="classes">K.</param>
    public static ClassMetrics OfProbabilities(ReadOnlySpan<int> truth, ReadOnlySpan<float> probabilities, int classes)
    {
        if (probabilities.Length != truth.Length * classes)
            throw new InvalidDataException($"{probabilities.Length} probabilities for {truth.Length} samples of {classes} classes");
        var said = new int[truth.Length];
        for (int i = 0; i < said.Length; i++)
        {
            ReadOnlySpan<float> row = probabilities.Slice(i * classes, classes);
            for (int k = 1; k < classes; k++)
                said[i] = row[k] > row[said[i]] ? k : said[i];
        }

        return Of(truth, said, classes);
    }

    private ClassFigures FiguresOf(int k)
    {
        int classes = Confusion.GetLength(0);
        long support = Enumerable.Range(0, classes).Sum(j => Confusion[k, j]), named = Enumerable.Range(0, classes).Sum(j => Confusion[j, k]);
        double right = Confusion[k, k];
        return new ClassFigures(named > 0 ? right / named : 0, support > 0 ? right / support : 0, support + named > 0 ? 2 * right / (support + named) : 0, support);
    }

    private double Mean(Func<ClassFigures, double> of) => Classes.Sum(c => c.Support * of(c)) / Samples;
}
