using System.Runtime.CompilerServices;

namespace Crpbot.Inference;

/// <summary>Turns scale-free feature inputs into what the network reads; the one scaling of training, validation and live.</summary>
/// <remarks>Immutable, allocation-free, any thread.</remarks>
public sealed class ScalingConstants
{
    /// <summary>Scaled values are clipped to ± this many deviations.</summary>
    public const double Limit = 8;

    private readonly double[] _median;
    private readonly double[] _inverseScale;
    private readonly double[] _limit;

    /// <exception cref="ArgumentException">A median is not finite, or a scale that divides is not above 0.</exception>
    public ScalingConstants(IReadOnlyList<FeatureScaling> features)
    {
        ArgumentNullException.ThrowIfNull(features);
        Count = features.Count;
        _median = new double[Count];
        _inverseScale = new double[Count];
        _limit = new double[Count];
        for (int i = 0; i < Count; i++)
        {
            FeatureScaling feature = features[i];
            (_median[i], _inverseScale[i], _limit[i]) = feature.Kind switch
            {
                ScalingKind.Unscaled => (0, 1, double.PositiveInfinity),
                ScalingKind.Constant => (0, 0, Limit),
                _ => (feature.Median, 1 / feature.Scale, Limit),
            };
            bool divides = feature.Kind is ScalingKind.InterquartileRange or ScalingKind.StandardDeviation;
            if (divides && !(double.IsFinite(feature.Median) && feature.Scale > 0 && double.IsFinite(_inverseScale[i])))
                throw new ArgumentException($"feature '{feature.Name}': median {feature.Median} and scale {feature.Scale} do not scale anything");
        }
    }

    /// <summary>Number of features, the F of the model's [T, F] sequence.</summary>
    public int Count { get; }

    /// <summary>Scales one input of feature <paramref name="feature"/>; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Scale(int feature, double input)
    {
        double limit = _limit[feature];
        double z = (input - _median[feature]) * _inverseScale[feature];
        return Math.Max(-limit, Math.Min(limit, z));
    }

    /// <summary>Scales the model's inputs of one row; a missing input becomes 0, the training median.</summary>
    /// <param name="inputs">F inputs in the model's order.</param>
    /// <param name="destination">Receives F float32 values.</param>
    public void Transform(ReadOnlySpan<double> inputs, Span<float> destination)
    {
        for (int i = 0; i < Count; i++)
        {
            double z = Scale(i, inputs[i]);
            destination[i] = double.IsNaN(z) ? 0 : (float)z;
        }
    }
}
