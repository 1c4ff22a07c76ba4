namespace Crpbot.Codecs.Tardis;

/// <summary>What one Tardis CSV file holds.</summary>
public enum TardisCsvType : byte
{
    Trades = 1,
    IncrementalBookL2,
    BookSnapshot5,
    BookSnapshot25,

    /// <summary>Best prices derived from the book.</summary>
    Quotes,

    /// <summary>Best prices of the venue's own stream.</summary>
    BookTicker,
    DerivativeTicker,
    Liquidations,
}

/// <summary>Tardis' names of the types.</summary>
public static class TardisCsvTypes
{
    private static readonly (TardisCsvType Type, string Name)[] Names =
    [
        (TardisCsvType.Trades, "trades"),
        (TardisCsvType.IncrementalBookL2, "incremental_book_L2"),
        (TardisCsvType.BookSnapshot25, "book_snapshot_25"),
        (TardisCsvType.BookSnapshot5, "book_snapshot_5"),
        (TardisCsvType.Quotes, "quotes"),
        (TardisCsvType.BookTicker, "book_ticker"),
        (TardisCsvType.DerivativeTicker, "derivative_ticker"),
        (TardisCsvType.Liquidations, "liquidations"),
    ];

    public static string NameOf(this TardisCsvType type) => Names.First(entry => entry.Type == type).Name;

    public static bool TryParse(string name, out TardisCsvType type)
    {
        type = Names.FirstOrDefault(entry => string.Equals(entry.Name, name, StringComparison.OrdinalIgnoreCase)).Type;
        return type != 0;
    }

    /// <summary>The type a file name such as <c>binance_trades_2024-08-08_BTCUSDT.csv.gz</c> or <c>trades.csv</c> tells; null when it tells none.</summary>
    public static TardisCsvType? OfFileName(string path)
    {
        string name = Path.GetFileName(path);
        foreach ((TardisCsvType type, string typeName) in Names)
        {
            int at = name.IndexOf(typeName, StringComparison.OrdinalIgnoreCase);
            if (at >= 0 && (at == 0 || !char.IsLetterOrDigit(name[at - 1])) && (at + typeName.Length == name.Length || !char.IsLetterOrDigit(name[at + typeName.Length])))
                return type;
        }

        return null;
    }

    internal static int Depth(this TardisCsvType type) => type == TardisCsvType.BookSnapshot5 ? 5 : 25;
}
