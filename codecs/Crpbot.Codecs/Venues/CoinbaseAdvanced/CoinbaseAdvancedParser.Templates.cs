using Crpbot.Codecs.Json;
using Crpbot.Messages;

namespace Crpbot.Codecs.Venues;

/// <summary>The forms in which Coinbase Advanced Trade sends books and trades.</summary>
public sealed partial class CoinbaseAdvancedParser
{
    private protected override bool TryParseTemplate(ReadOnlySpan<byte> message, UnixNanos receiveTime, MarketEventBuffer output)
    {
        var cursor = new TemplateCursor(message, 0);
        if (!cursor.Take("{\"channel\":\""u8))
            return false;
        bool isBook = cursor.Take("l2_data\",\""u8);
        if ((!isBook && !cursor.Take("market_trades\",\""u8))
            || (cursor.Take("client_id\":\""u8) && (!cursor.TakeText(out _) || !cursor.Take("\",\""u8)))
            || !cursor.Take("timestamp\":\""u8) || !cursor.TakeTime(_minutes, out long nanos)
            || !cursor.Take("\",\"sequence_num\":"u8) || !cursor.TakeInteger(out long sequence)
            || !cursor.Take(",\"events\":[{\"type\":\""u8))
        {
            return false;
        }

        var stamp = new EventStamp(InstrumentId.All, receiveTime, new UnixNanos(nanos), 0);
        _staged.Clear();
        if (isBook ? !TakeLevels(ref cursor, stamp, sequence) : !TakeTrades(ref cursor, receiveTime))
            return false;
        if (!cursor.Take("]}]}"u8) || !cursor.AtEnd)
            return false;
        Commit(stamp, sequence, output);
        return true;
    }

    // snapshot|update","product_id":"BTC-USD","updates":[{"side":"bid","event_time":"…","price_level":"65062.5","new_quantity":"0.00583"},…
    private bool TakeLevels(ref TemplateCursor shared, in EventStamp message, long sequence)
    {
        // A copy: the loop keeps it in registers.
        TemplateCursor cursor = shared;
        bool isSnapshot = cursor.Take("snapshot"u8);
        if ((!isSnapshot && !cursor.Take("update"u8))
            || !cursor.Take("\",\"product_id\":\""u8) || !cursor.TakeText(out ReadOnlySpan<byte> symbol) || !_products.TryFind(symbol, out VenueSymbol? product)
            || !cursor.Take("\",\"updates\":["u8))
        {
            return false;
        }

        MarketEventFlags flags = isSnapshot ? MarketEventFlags.Snapshot : 0;
        if (isSnapshot)
        {
            new EventStamp(product.Id, message.ReceiveTime, message.ExchangeTime, flags)
                .Add(_staged, MarketEventKind.BookClear, Channel.Book).Sequence = sequence;
        }

        do
        {
            Side side = Side.Buy;
            if (!cursor.Take("{\"side\":\"bid\",\"event_time\":\""u8))
            {
                if (!cursor.Take("{\"side\":\"offer\",\"event_time\":\""u8))
                    return false;
                side = Side.Sell;
            }

            if (!cursor.TakeTime(_minutes, out long nanos) || nanos == 0
                || !cursor.Take("\",\"price_level\":\""u8) || !cursor.TakeDecimal(product.TickScale, out long ticks) || ticks == 0
                || !cursor.Take("\",\"new_quantity\":\""u8) || !cursor.TakeDecimal(product.LotScale, out long lots)
                || !cursor.Take("\"}"u8))
            {
                return false;
            }

            if (isSnapshot & lots == 0)
                continue;
            new EventStamp(product.Id, message.ReceiveTime, new UnixNanos(nanos), flags)
                .AddLevel(_staged, side, new Price(ticks), new Quantity(lots)).Sequence = sequence;
        }
        while (cursor.Take(","u8));

        CloseGroup(_staged, 0);
        shared = cursor;
        return true;
    }

    // update","trades":[{"product_id":"BTC-USD","trade_id":"1068572091","price":"65083.67","size":"0.01034361","time":"…","side":"SELL"},…
    private bool TakeTrades(ref TemplateCursor cursor, UnixNanos receiveTime)
    {
        if (!cursor.Take("update\",\"trades\":["u8))
            return false;
        do
        {
            if (!cursor.Take("{\"product_id\":\""u8) || !cursor.TakeText(out ReadOnlySpan<byte> symbol)
                || !_products.TryFind(symbol, out VenueSymbol? product)
                || !cursor.Take("\",\"trade_id\":\""u8) || !cursor.TakeInteger(out long id)
                || !cursor.Take("\",\"price\":\""u8) || !cursor.TakeDecimal(product.TickScale, out long ticks) || ticks == 0
                || !cursor.Take("\",\"size\":\""u8) || !cursor.TakeDecimal(product.LotScale, out long lots)
                || !cursor.Take("\",\"time\":\""u8) || !cursor.TakeTime(_minutes, out long nanos)
                || !cursor.Take("\",\"side\":\""u8))
            {
                return false;
            }

            Side aggressor = Side.Buy;
            if (!cursor.Take("SELL\"}"u8))
            {
                if (!cursor.Take("BUY\"}"u8))
                    return false;
                aggressor = Side.Sell;
            }

            StageTrade(product, receiveTime, nanos, isHistory: false, id, aggressor, new Price(ticks), new Quantity(lots));
        }
        while (cursor.Take(","u8));

        return true;
    }
}
