using System.Text.Json;

namespace Crpbot.Codecs.Normalization;

/// <summary>Merges markPrice, ticker, openInterest and indexPrice into one ticker a symbol, written when a value changed.</summary>
internal sealed class BinanceDerivativeTickers(NormalizedMessageWriter writer)
{
    private readonly Dictionary<string, Ticker> _tickers = [];
    private readonly Dictionary<string, DecimalText> _indexPrices = [];

    public static bool Reads(string stream) =>
        stream.Contains("@markPrice", StringComparison.Ordinal)
        || stream.EndsWith("@ticker", StringComparison.Ordinal)
        || stream.EndsWith("@openInterest", StringComparison.Ordinal)
        || stream.Contains("@indexPrice", StringComparison.Ordinal);

    public void Reset()
    {
        _tickers.Clear();
        _indexPrices.Clear();
    }

    public void Map(JsonElement data, TardisTime local)
    {
        JsonElement type = data.Field("e");
        if (type.Is("indexPriceUpdate"))
        {
            _indexPrices[data.RequiredText("i")] = DecimalText.Of(data.Field("p"));
            return;
        }

        bool isMarkPrice = type.Is("markPriceUpdate");
        bool isTicker = type.Is("24hrTicker");
        string symbol = data.RequiredText(data.Field("s").Exists() ? "s" : "symbol");
        TardisTime time = isMarkPrice || isTicker ? data.RequiredEpoch("E") : TardisTime.Unknown;
        bool hasFunding = isMarkPrice && HasFunding(data);
        TardisTime fundingTime = hasFunding ? data.RequiredEpoch("T") : TardisTime.Unknown;

        if (!_tickers.TryGetValue(symbol, out Ticker? ticker))
            _tickers.Add(symbol, ticker = new Ticker());
        bool changed = false;
        // Delivery contracts name their index by its pair: BTCUSD for BTCUSD_PERP.
        if (_indexPrices.TryGetValue(symbol.Split('_')[0], out DecimalText indexPrice))
            changed |= Set(ref ticker.IndexPrice, indexPrice);
        if (isMarkPrice)
        {
            if (hasFunding)
            {
                changed |= Set(ref ticker.FundingRate, DecimalText.Of(data.Field("r")));
                changed |= ticker.FundingTime.Milliseconds != fundingTime.Milliseconds || !ticker.FundingTime.IsKnown;
                ticker.FundingTime = fundingTime;
            }

            if (data.Field("i").Exists())
                changed |= Set(ref ticker.IndexPrice, DecimalText.Of(data.Field("i")));
            changed |= Set(ref ticker.MarkPrice, DecimalText.Of(data.Field("p")));
        }

        if (isTicker)
            changed |= Set(ref ticker.LastPrice, DecimalText.Of(data.Field("c")));
        if (time.IsKnown && (!ticker.Time.IsKnown || ticker.Time.Milliseconds <= time.Milliseconds))
            ticker.Time = time;
        if (data.Field("openInterest").Exists())
            changed |= Set(ref ticker.OpenInterest, DecimalText.Of(data.Field("openInterest")));
        if (changed)
            Write(symbol, ticker, local);
    }

    /// <summary>Delivery futures send an empty rate, and a funding time of 0.</summary>
    private static bool HasFunding(JsonElement data)
    {
        JsonElement rate = data.Field("r");
        JsonElement time = data.Field("T");
        return rate.Exists() && !rate.Is("") && !(time.ValueKind == JsonValueKind.Number && time.TryGetInt64(out long epoch) && epoch == 0);
    }

    private static bool Set(ref DecimalText? field, DecimalText value)
    {
        // As doubles, as tardis-dev compares: what is not a number differs from everything, itself included.
        bool changed = field is not { } previous || previous.Value != value.Value;
        field = value;
        return changed;
    }

    private void Write(string symbol, Ticker ticker, TardisTime local)
    {
        // A ticker without venue time keeps its first local time until a venue time comes.
        if (!ticker.Time.IsKnown)
            ticker.Time = local;
        writer.Begin("derivative_ticker", symbol);
        WriteIfSet("lastPrice", ticker.LastPrice);
        WriteIfSet("openInterest", ticker.OpenInterest);
        WriteIfSet("fundingRate", ticker.FundingRate);
        writer.Time("fundingTimestamp", ticker.FundingTime);
        WriteIfSet("indexPrice", ticker.IndexPrice);
        WriteIfSet("markPrice", ticker.MarkPrice);
        writer.End(ticker.Time, local);
    }

    private void WriteIfSet(string name, DecimalText? value)
    {
        if (value is { } set)
            writer.Number(name, set);
    }

    private sealed class Ticker
    {
        public DecimalText? LastPrice;
        public DecimalText? OpenInterest;
        public DecimalText? FundingRate;
        public DecimalText? IndexPrice;
        public DecimalText? MarkPrice;
        public TardisTime FundingTime;
        public TardisTime Time;
    }
}
