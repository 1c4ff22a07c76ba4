using System.Text.Json.Serialization;

namespace Crpbot.Inference;

/// <summary>How a feature's constants were found.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ScalingKind>))]
public enum ScalingKind
{
    /// <summary>0/1 flags and <c>day_of_week</c> pass as they are.</summary>
    Unscaled,

    /// <summary>Scale is IQR / 1.349.</summary>
    InterquartileRange,

    /// <summary>The IQR was 0: scale is the standard deviation.</summary>
    StandardDeviation,

    /// <summary>The feature did not vary in training: its scaled value is always 0.</summary>
    Constant,
}

/// <summary>One column of the model's input: its name, and the constants fitted on the training rows.</summary>
/// <remarks>z = clip((x − Median) / Scale, ±8). Source: features-33, section 8.</remarks>
public sealed record FeatureScaling
{
    public required string Name { get; init; }

    public required ScalingKind Kind { get; init; }

    public double Median { get; init; }

    /// <summary>Above 0 for the two kinds that divide by it.</summary>
    public double Scale { get; init; }
}
