using System.Text.Json;

namespace Crpbot.Codecs.Normalization;

/// <summary>Coinbase Exchange messages: match, snapshot, l2update, ticker.</summary>
internal sealed class CoinbaseNormalizer(NormalizedMessageWriter writer) : IMessageNormalizer
{
    private readonly Dictionary<string, TardisTime> _lastValidTime = [];

    public bool Map(JsonElement message, TardisTime local)
    {
        JsonElement type = message.Field("type");
        if (type.Is("match"))
            MapTrade(message, local);
        else if (type.Is("l2update"))
            MapUpdate(message, local);
        else if (type.Is("snapshot"))
            MapSnapshot(message, local);
        else if (type.Is("ticker"))
            MapTicker(message, local);
        else
            return false;
        return true;
    }

    public bool MapRestSnapshot(JsonElement data, string symbol, TardisTime local) => false;

    public void Reset() => _lastValidTime.Clear();

    private void MapTrade(JsonElement message, TardisTime local)
    {
        TardisTime time = message.RequiredIso("time");
        writer.Begin("trade", message.RequiredText("product_id"));
        writer.Text("id", message.RequiredId("trade_id"));
        writer.Number("price", DecimalText.Of(message.Field("price")));
        writer.Number("amount", DecimalText.Of(message.Field("size")));
        // Coinbase names the maker's side.
        writer.Text("side", message.Field("side").Is("sell") ? "buy" : "sell");
        writer.End(time, local);
    }

    private void MapSnapshot(JsonElement message, TardisTime local)
    {
        TardisTime time = TimeOrLocal(message, local);
        List<NormalizedLevel> bids = ValidLevels(message.RequiredArray("bids"));
        List<NormalizedLevel> asks = ValidLevels(message.RequiredArray("asks"));
        WriteBook(message, isSnapshot: true, bids, asks, time, local);
    }

    private void MapUpdate(JsonElement message, TardisTime local)
    {
        string symbol = message.RequiredText("product_id");
        TardisTime time = message.RequiredIso("time");
        var bids = new List<NormalizedLevel>();
        var asks = new List<NormalizedLevel>();
        foreach (JsonElement change in message.RequiredArray("changes").EnumerateArray())
        {
            JsonElement side = change.Item(0);
            if (side.Is("buy"))
                bids.Add(LevelOf(change, 1));
            else if (side.Is("sell"))
                asks.Add(LevelOf(change, 1));
        }

        // Coinbase has sent "0001-01-01T00:00:00.000000Z" with good changes: the product's previous time stands in.
        if (time.Milliseconds >= 0)
            _lastValidTime[symbol] = time;
        else if (!_lastValidTime.TryGetValue(symbol, out time))
            return;
        WriteBook(message, isSnapshot: false, bids, asks, time, local);
    }

    private void MapTicker(JsonElement message, TardisTime local)
    {
        TardisTime time = TimeOrLocal(message, local);
        writer.Begin("book_ticker", message.RequiredText("product_id"));
        writer.NumberIfPresent("askAmount", message.Field("best_ask_size"));
        writer.NumberIfPresent("askPrice", message.Field("best_ask"));
        writer.NumberIfPresent("bidPrice", message.Field("best_bid"));
        writer.NumberIfPresent("bidAmount", message.Field("best_bid_size"));
        writer.End(time, local);
    }

    private void WriteBook(JsonElement message, bool isSnapshot, List<NormalizedLevel> bids, List<NormalizedLevel> asks, TardisTime time, TardisTime local)
    {
        writer.Begin("book_change", message.RequiredText("product_id"));
        writer.Flag("isSnapshot", isSnapshot);
        writer.Levels("bids", bids);
        writer.Levels("asks", asks);
        writer.End(time, local);
    }

    private static TardisTime TimeOrLocal(JsonElement message, TardisTime local)
    {
        if (!message.Field("time").Exists())
            return local;
        TardisTime time = message.RequiredIso("time");
        return time.Milliseconds < 0 ? local : time;
    }

    /// <summary>Snapshots have held sizes such as "0.-10000"; levels whose size is negative or no number are left out.</summary>
    private static List<NormalizedLevel> ValidLevels(JsonElement levels)
    {
        var valid = new List<NormalizedLevel>(levels.GetArrayLength());
        foreach (JsonElement element in levels.EnumerateArray())
        {
            NormalizedLevel level = LevelOf(element, 0);
            if (!double.IsNaN(level.Amount.Value) && level.Amount.Value >= 0)
                valid.Add(level);
        }

        return valid;
    }

    private static NormalizedLevel LevelOf(JsonElement level, int priceIndex) =>
        new("", DecimalText.Of(level.Item(priceIndex)), DecimalText.Of(level.Item(priceIndex + 1)));
}
