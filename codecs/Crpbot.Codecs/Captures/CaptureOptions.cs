using K4os.Compression.LZ4;

namespace Crpbot.Codecs.Captures;

/// <summary>How a capture is written.</summary>
public sealed record CaptureOptions
{
    public static readonly CaptureOptions Default = new();

    /// <summary>Events a block, 1 to 1,048,576. Four times as many save 2 % of the bytes; a damaged block,
    /// or an end cut off, loses up to so many.</summary>
    public int BlockEvents { get; init; } = 16_384;

    /// <summary>Of the LZ4 pass over each body.</summary>
    public LZ4Level Level { get; init; } = LZ4Level.L00_FAST;
}
