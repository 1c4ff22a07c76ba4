using K4os.Compression.LZ4;

namespace Crpbot.Codecs.Captures;

/// <summary>How a capture is written.</summary>
public sealed record CaptureOptions
{
    public static readonly CaptureOptions Default = new();

    /// <summary>Events a block, 1 to 1,048,576. Longer blocks compress better; a damaged one loses more, and an end cut off up to so many.</summary>
    public int BlockEvents { get; init; } = 65_536;

    /// <summary>Of the LZ4 pass over each body.</summary>
    public LZ4Level Level { get; init; } = LZ4Level.L00_FAST;
}
