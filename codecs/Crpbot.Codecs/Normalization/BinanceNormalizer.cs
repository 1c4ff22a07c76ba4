using System.Text.Json;

namespace Crpbot.Codecs.Normalization;

/// <summary>Binance combined streams, spot and futures: trade, depth, bookTicker; futures also markPrice, ticker, openInterest, indexPrice, forceOrder.</summary>
internal sealed class BinanceNormalizer : IMessageNormalizer
{
    private readonly NormalizedMessageWriter _writer;
    private readonly BinanceDepthNormalizer _depth;
    private readonly BinanceDerivativeTickers? _tickers;

    // Of all streams; decides whose a REST snapshot without symbol is.
    private readonly HashSet<string> _symbols = [];

    public BinanceNormalizer(NormalizedMessageWriter writer, bool isFutures)
    {
        _writer = writer;
        _depth = new BinanceDepthNormalizer(writer, isFutures);
        _tickers = isFutures ? new BinanceDerivativeTickers(writer) : null;
    }

    public bool Map(JsonElement message, TardisTime local)
    {
        JsonElement stream = message.Field("stream");
        if (stream.ValueKind != JsonValueKind.String)
            return false;
        string name = stream.GetString()!;
        JsonElement data = message.Field("data");
        string symbol = name[..Math.Max(0, name.IndexOf('@', StringComparison.Ordinal))].ToUpperInvariant();
        _symbols.Add(symbol);
        bool mapped = false;
        if (name.EndsWith("@trade", StringComparison.Ordinal))
            mapped = Map(data, MapTrade, local);
        if (name.Contains("@depth", StringComparison.Ordinal))
            mapped = Map(data, (d, l) => _depth.Map(symbol, d, l), local);
        if (_tickers is not null && BinanceDerivativeTickers.Reads(name))
            mapped = Map(data, _tickers.Map, local);
        if (_tickers is not null && name.EndsWith("@forceOrder", StringComparison.Ordinal))
            mapped = Map(data, MapLiquidation, local);
        if (name.EndsWith("@bookTicker", StringComparison.Ordinal))
            mapped = Map(data, MapBookTicker, local);
        return mapped;
    }

    /// <summary>Recordings of one symbol do not name it in the snapshot: it is the one their streams have.</summary>
    public bool MapRestSnapshot(JsonElement data, string symbol, TardisTime local)
    {
        if (symbol.Length == 0 && data.Field("symbol").ValueKind == JsonValueKind.String)
            symbol = data.RequiredText("symbol");
        if (symbol.Length == 0)
        {
            if (_symbols.Count != 1)
                throw new UnusableMessageException($"a REST snapshot without symbol cannot be assigned: {_symbols.Count} symbols were seen before it");
            symbol = _symbols.Single();
        }

        _depth.MapRestSnapshot(symbol.ToUpperInvariant(), data, local);
        return true;
    }

    public void Reset()
    {
        _depth.Reset();
        _tickers?.Reset();
        _symbols.Clear();
    }

    private static bool Map(JsonElement data, Action<JsonElement, TardisTime> map, TardisTime local)
    {
        if (data.ValueKind != JsonValueKind.Object)
            throw new UnusableMessageException("'data' is missing or no object");
        map(data, local);
        return true;
    }

    private void MapTrade(JsonElement data, TardisTime local)
    {
        // Futures publish executions that never met the book.
        JsonElement origin = data.Field("X");
        if (origin.Is("INSURANCE_FUND") || origin.Is("ADL") || origin.Is("NA"))
            return;
        TardisTime time = data.RequiredEpoch("T");
        _writer.Begin("trade", data.RequiredText("s"));
        _writer.Text("id", data.RequiredId("t"));
        _writer.Number("price", DecimalText.Of(data.Field("p")));
        _writer.Number("amount", DecimalText.Of(data.Field("q")));
        _writer.Text("side", data.Field("m").ValueKind == JsonValueKind.True ? "sell" : "buy");
        _writer.End(time, local);
    }

    private void MapLiquidation(JsonElement data, TardisTime local)
    {
        JsonElement order = data.Field("o");
        if (order.ValueKind != JsonValueKind.Object)
            throw new UnusableMessageException("'o' is missing or no object");
        if (!order.Field("X").Is("FILLED"))
            return;
        TardisTime time = order.RequiredEpoch("T");
        _writer.Begin("liquidation", order.RequiredText("s"));
        _writer.Number("price", DecimalText.Of(order.Field("p")));
        _writer.Number("amount", DecimalText.Of(order.Field("z")));
        _writer.Text("side", order.Field("S").Is("SELL") ? "sell" : "buy");
        _writer.End(time, local);
    }

    private void MapBookTicker(JsonElement data, TardisTime local)
    {
        // Spot gives no time.
        TardisTime time = data.Field("E").Exists() ? data.RequiredEpoch("E") : local;
        _writer.Begin("book_ticker", data.RequiredText("s"));
        _writer.NumberIfPresent("askAmount", data.Field("A"));
        _writer.NumberIfPresent("askPrice", data.Field("a"));
        _writer.NumberIfPresent("bidPrice", data.Field("b"));
        _writer.NumberIfPresent("bidAmount", data.Field("B"));
        _writer.End(time, local);
    }
}
