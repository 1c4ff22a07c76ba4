using System.Globalization;
using System.Text;
using Crpbot.Messages;

namespace Crpbot.Codecs.Tardis;

/// <summary>Where the columns of one CSV stand, by the names of its header; -1 where a column is absent.</summary>
internal sealed class TardisCsvColumns
{
    /// <summary>The fields of a derivative ticker, in the order of the file's columns.</summary>
    public static readonly (DerivativeField Field, string Name)[] DerivativeFields =
    [
        (DerivativeField.FundingTimestamp, "funding_timestamp"),
        (DerivativeField.FundingRate, "funding_rate"),
        (DerivativeField.PredictedFundingRate, "predicted_funding_rate"),
        (DerivativeField.OpenInterest, "open_interest"),
        (DerivativeField.LastPrice, "last_price"),
        (DerivativeField.IndexPrice, "index_price"),
        (DerivativeField.MarkPrice, "mark_price"),
    ];

    private readonly string[] _names;

    private TardisCsvColumns(string[] names, TardisCsvType type)
    {
        _names = names;
        Type = type;
        Exchange = Find("exchange");
        Symbol = Find("symbol");
        Timestamp = Find("timestamp");
        LocalTimestamp = Find("local_timestamp");
        Id = Find("id");
        Side = Find("side");
        Price = Find("price");
        Amount = Find("amount");
        IsSnapshot = Find("is_snapshot");
        AskPrice = Find("ask_price");
        AskAmount = Find("ask_amount");
        BidPrice = Find("bid_price");
        BidAmount = Find("bid_amount");
        Derivative = [.. DerivativeFields.Select(field => Find(field.Name))];
        Sequence = Find("sequence");
        Aux = Find("aux");
        Flags = Find("flags");
        Levels = FindLevels();
    }

    public TardisCsvType Type { get; }

    public int Count => _names.Length;

    public int Exchange { get; }

    public int Symbol { get; }

    public int Timestamp { get; }

    public int LocalTimestamp { get; }

    public int Id { get; }

    public int Side { get; }

    public int Price { get; }

    public int Amount { get; }

    public int IsSnapshot { get; }

    public int AskPrice { get; }

    public int AskAmount { get; }

    public int BidPrice { get; }

    public int BidAmount { get; }

    /// <summary>Parallel to <see cref="DerivativeFields"/>.</summary>
    public int[] Derivative { get; }

    /// <summary>Of <see cref="TardisCsvWriter"/>'s own extension: update id, second id and flags of each event.</summary>
    public int Sequence { get; }

    public int Aux { get; }

    public int Flags { get; }

    /// <summary>Price and amount columns of a book snapshot, level by level, asks before bids.</summary>
    public (Side Side, int Price, int Amount)[] Levels { get; }

    public string NameOf(int column) => column < 0 ? "" : _names[column];

    /// <summary>Reads a header line.</summary>
    /// <param name="type">Null: deduced from the columns and, where two types have the same, from the file name.</param>
    /// <exception cref="InvalidDataException">A column the type needs is absent.</exception>
    public static TardisCsvColumns Parse(ReadOnlySpan<byte> header, TardisCsvType? type, string fileName)
    {
        string[] names = Encoding.UTF8.GetString(header).Split(',');
        var columns = new TardisCsvColumns(names, type ?? Deduce(names, fileName));
        columns.RequireAll(fileName);
        return columns;
    }

    private static TardisCsvType Deduce(string[] names, string fileName)
    {
        bool Has(string name) => Array.IndexOf(names, name) >= 0;
        TardisCsvType? named = TardisCsvTypes.OfFileName(fileName);
        if (Has("is_snapshot"))
            return TardisCsvType.IncrementalBookL2;
        if (Has("asks[0].price") || Has("bids[0].price"))
            return Has("asks[5].price") || Has("bids[5].price") ? TardisCsvType.BookSnapshot25 : TardisCsvType.BookSnapshot5;
        if (Has("ask_price"))
            return named == TardisCsvType.Quotes ? TardisCsvType.Quotes : TardisCsvType.BookTicker;
        if (Has("funding_rate") || Has("mark_price"))
            return TardisCsvType.DerivativeTicker;
        if (Has("price") && Has("amount"))
            return named == TardisCsvType.Liquidations ? TardisCsvType.Liquidations : TardisCsvType.Trades;
        throw new InvalidDataException($"{fileName}: line 1: no header of a Tardis CSV: '{Shorten(string.Join(',', names))}'");
    }

    private static string Shorten(string text) => text.Length > 80 ? text[..80] + "…" : text;

    private int Find(string name) => Array.IndexOf(_names, name);

    private (Side, int, int)[] FindLevels()
    {
        var levels = new List<(Side, int, int)>();
        for (int i = 0; ; i++)
        {
            string level = i.ToString(CultureInfo.InvariantCulture);
            int askPrice = Find($"asks[{level}].price");
            int bidPrice = Find($"bids[{level}].price");
            if (askPrice < 0 && bidPrice < 0)
                return [.. levels];
            if (askPrice >= 0)
                levels.Add((Messages.Side.Sell, askPrice, Find($"asks[{level}].amount")));
            if (bidPrice >= 0)
                levels.Add((Messages.Side.Buy, bidPrice, Find($"bids[{level}].amount")));
        }
    }

    private void RequireAll(string fileName)
    {
        string[] needed = Type switch
        {
            TardisCsvType.Trades or TardisCsvType.Liquidations => ["side", "price", "amount"],
            TardisCsvType.IncrementalBookL2 => ["is_snapshot", "side", "price", "amount"],
            TardisCsvType.Quotes or TardisCsvType.BookTicker => ["ask_price", "ask_amount", "bid_price", "bid_amount"],
            TardisCsvType.DerivativeTicker => [],
            _ => ["asks[0].price", "asks[0].amount", "bids[0].price", "bids[0].amount"],
        };
        foreach (string name in needed)
        {
            if (Find(name) < 0)
                throw new InvalidDataException($"{fileName}: line 1: no column '{name}', so this is no {Type.NameOf()} CSV");
        }

        if (Type == TardisCsvType.DerivativeTicker && Array.TrueForAll(Derivative, column => column < 0))
            throw new InvalidDataException($"{fileName}: line 1: no column '{DerivativeFields[1].Name}', so this is no {Type.NameOf()} CSV");
        if (Timestamp < 0 && LocalTimestamp < 0)
            throw new InvalidDataException($"{fileName}: line 1: neither 'timestamp' nor 'local_timestamp'; a file without times cannot be read");
        (Side, int Price, int Amount) unpaired = Array.Find(Levels, level => level.Amount < 0);
        if (Levels.Length > 0 && unpaired != default)
            throw new InvalidDataException($"{fileName}: line 1: column '{NameOf(unpaired.Price)}' has no amount beside it");
    }
}
