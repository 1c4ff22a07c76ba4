using Crpbot.Codecs.Tardis;

namespace Crpbot.Datasets.Lake;

/// <summary>The types of a lake's partitions and the order that decides where two events have one ReceiveTime.</summary>
public static class LakeTypes
{
    /// <summary>One-minute candles, which are no events.</summary>
    public const string Candles = "candles_1m";

    /// <summary>Books before best prices before trades: whoever looks at a trade sees the book as it was just before or at it.</summary>
    private static readonly TardisCsvType[] ByRank =
    [
        TardisCsvType.IncrementalBookL2, TardisCsvType.BookSnapshot25, TardisCsvType.BookSnapshot5, TardisCsvType.Quotes, TardisCsvType.BookTicker,
        TardisCsvType.Trades, TardisCsvType.Liquidations, TardisCsvType.DerivativeTicker,
    ];

    /// <summary>All types of events, in the order of a tie.</summary>
    public static IReadOnlyList<TardisCsvType> InOrder => ByRank;

    /// <summary>0 goes first at a tie.</summary>
    public static int RankOf(TardisCsvType type) => Array.IndexOf(ByRank, type);

    internal static bool IsSnapshots(TardisCsvType type) => type is TardisCsvType.BookSnapshot5 or TardisCsvType.BookSnapshot25;

    internal static bool IsBook(TardisCsvType type) => type == TardisCsvType.IncrementalBookL2 || IsSnapshots(type);
}
