using Crpbot.Codecs.Json;
using Crpbot.Messages;

namespace Crpbot.Codecs.Venues;

/// <summary>The forms in which Coinbase has sent its frequent messages since 2019.</summary>
public sealed partial class CoinbaseParser
{
    private const int TypeAt = 9;

    private protected override bool TryParseTemplate(ReadOnlySpan<byte> message, UnixNanos receiveTime, MarketEventBuffer output)
    {
        if (message.Length < 64)
            return false;
        return message[TypeAt] switch
        {
            (byte)'l' => TryParseChanges(message, receiveTime, output),
            (byte)'m' => TryParseMatch(message, receiveTime, output),
            (byte)'t' => TryParseTicker(message, receiveTime, output),
            (byte)'s' => TryParseSnapshot(message, receiveTime, output),
            _ => false,
        };
    }

    // {"type":"l2update","product_id":"SKL-BTC","changes":[["sell","0.00001306","660.5"]],"time":"2021-04-17T16:43:37.075687Z"}
    private bool TryParseChanges(ReadOnlySpan<byte> message, UnixNanos receiveTime, MarketEventBuffer output)
    {
        var cursor = new TemplateCursor(message, 0);
        if (!cursor.Take("{\"type\":\"l2update\",\"product_id\":\""u8) || !cursor.TakeText(out ReadOnlySpan<byte> symbol)
            || !_products.TryFind(symbol, out Product? product) || !product.HasBook
            || !cursor.Take("\",\"changes\":[["u8))
        {
            return false;
        }

        int start = output.Count;
        var stamp = new EventStamp(product.Id, receiveTime, default, MarketEventFlags.NoSequence);
        do
        {
            Side side = Side.Buy;
            if (!cursor.Take("\"buy\",\""u8))
            {
                if (!cursor.Take("\"sell\",\""u8))
                    return false;
                side = Side.Sell;
            }

            if (!cursor.TakeDecimal(product.TickScale, out long ticks) || ticks == 0
                || !cursor.Take("\",\""u8) || !cursor.TakeDecimal(product.LotScale, out long lots)
                || !cursor.Take("\"]"u8))
            {
                return false;
            }

            stamp.AddLevel(output, side, new Price(ticks), new Quantity(lots));
        }
        while (cursor.Take(",["u8));

        if (!cursor.Take("],\"time\":\""u8) || !cursor.TakeTime(_minutes, out long nanos) || !cursor.Take("\"}"u8) || !cursor.AtEnd)
            return false;
        product.LastTime = nanos;
        product.Seen = true;
        Span<MarketEvent> added = output.Writable[start..];
        for (int i = 0; i < added.Length; i++)
            added[i].ExchangeTime = new UnixNanos(nanos);
        added[^1].Flags |= MarketEventFlags.LastInMessage;
        return true;
    }

    // {"type":"match","trade_id":280232,"maker_order_id":"…","taker_order_id":"…","side":"sell","size":"985","price":"0.00001305",
    //  "product_id":"SKL-BTC","sequence":177100030,"time":"2021-04-17T16:43:37.089723Z"}
    private bool TryParseMatch(ReadOnlySpan<byte> message, UnixNanos receiveTime, MarketEventBuffer output)
    {
        var cursor = new TemplateCursor(message, 0);
        if (!cursor.Take("{\"type\":\"match\",\"trade_id\":"u8) || !cursor.TakeInteger(out long id)
            || !cursor.Take(",\"maker_order_id\":\""u8) || !cursor.TakeText(out _)
            || !cursor.Take("\",\"taker_order_id\":\""u8) || !cursor.TakeText(out _))
        {
            return false;
        }

        Side aggressor = Side.Buy;
        if (!cursor.Take("\",\"side\":\"sell\",\"size\":\""u8))
        {
            if (!cursor.Take("\",\"side\":\"buy\",\"size\":\""u8))
                return false;
            aggressor = Side.Sell;
        }

        if (!cursor.TakeDecimal(out MeasuredDecimal size)
            || !cursor.Take("\",\"price\":\""u8) || !cursor.TakeDecimal(out MeasuredDecimal price)
            || !cursor.Take("\",\"product_id\":\""u8) || !cursor.TakeText(out ReadOnlySpan<byte> symbol)
            || !_products.TryFind(symbol, out Product? product)
            || !cursor.Take("\",\"sequence\":"u8) || !cursor.TakeInteger(out _)
            || !cursor.Take(",\"time\":\""u8) || !cursor.TakeTime(_minutes, out long nanos) || !cursor.Take("\"}"u8) || !cursor.AtEnd
            || !price.TryScale(product.TickScale, out long ticks) || ticks == 0 || !size.TryScale(product.LotScale, out long lots))
        {
            return false;
        }

        product.Seen = true;
        AppendTrade(
            product, new EventStamp(product.Id, receiveTime, new UnixNanos(nanos), 0), id, aggressor, new Price(ticks), new Quantity(lots), output);
        return true;
    }

    // {"type":"ticker","sequence":1,"product_id":"X","price":"…","open_24h":"…","volume_24h":"…","low_24h":"…","high_24h":"…","volume_30d":"…",
    //  "best_bid":"…"[,"best_bid_size":"…"],"best_ask":"…"[,"best_ask_size":"…"],"side":"…","time":"…","trade_id":1,"last_size":"…"}
    private bool TryParseTicker(ReadOnlySpan<byte> message, UnixNanos receiveTime, MarketEventBuffer output)
    {
        var cursor = new TemplateCursor(message, 0);
        if (!cursor.Take("{\"type\":\"ticker\",\"sequence\":"u8) || !cursor.TakeInteger(out long sequence)
            || !cursor.Take(",\"product_id\":\""u8) || !cursor.TakeText(out ReadOnlySpan<byte> symbol)
            || !_products.TryFind(symbol, out Product? product)
            || !cursor.Take("\",\"price\":\""u8) || !cursor.TakeText(out _)
            || !cursor.Take("\",\"open_24h\":\""u8) || !cursor.TakeText(out _)
            || !cursor.Take("\",\"volume_24h\":\""u8) || !cursor.TakeText(out _)
            || !cursor.Take("\",\"low_24h\":\""u8) || !cursor.TakeText(out _)
            || !cursor.Take("\",\"high_24h\":\""u8) || !cursor.TakeText(out _)
            || !cursor.Take("\",\"volume_30d\":\""u8) || !cursor.TakeText(out _)
            || !cursor.Take("\",\"best_bid\":\""u8) || !cursor.TakeDecimal(product.TickScale, out long bid))
        {
            return false;
        }

        long bidLots = 0, askLots = 0;
        if (cursor.Take("\",\"best_bid_size\":\""u8) && !cursor.TakeDecimal(product.LotScale, out bidLots))
            return false;
        if (!cursor.Take("\",\"best_ask\":\""u8) || !cursor.TakeDecimal(product.TickScale, out long ask))
            return false;
        if (cursor.Take("\",\"best_ask_size\":\""u8) && !cursor.TakeDecimal(product.LotScale, out askLots))
            return false;
        if (!cursor.Take("\",\"side\":\""u8) || !cursor.TakeText(out _)
            || !cursor.Take("\",\"time\":\""u8) || !cursor.TakeTime(_minutes, out long nanos)
            || !cursor.Take("\",\"trade_id\":"u8) || !cursor.TakeInteger(out _)
            || !cursor.Take(",\"last_size\":\""u8) || !cursor.TakeText(out _) || !cursor.Take("\"}"u8) || !cursor.AtEnd
            || bid == 0 || ask == 0)
        {
            return false;
        }

        product.Seen = true;
        var stamp = new EventStamp(product.Id, receiveTime, new UnixNanos(nanos), 0);
        stamp.AddQuote(output, Side.Buy, new Price(bid), new Quantity(bidLots)).Sequence = sequence;
        ref MarketEvent last = ref stamp.AddQuote(output, Side.Sell, new Price(ask), new Quantity(askLots));
        last.Sequence = sequence;
        last.Flags |= MarketEventFlags.LastInMessage;
        return true;
    }

    // {"type":"snapshot","product_id":"X","asks":[["14.8024","12.77"]],"bids":[["14.7550","1"]][,"time":"…"]}, sides in either order
    private bool TryParseSnapshot(ReadOnlySpan<byte> message, UnixNanos receiveTime, MarketEventBuffer output)
    {
        var cursor = new TemplateCursor(message, 0);
        if (!cursor.Take("{\"type\":\"snapshot\",\"product_id\":\""u8) || !cursor.TakeText(out ReadOnlySpan<byte> symbol)
            || !_products.TryFind(symbol, out Product? product))
        {
            return false;
        }

        bool bidsFirst = cursor.Take("\",\"bids\":["u8);
        if (!bidsFirst && !cursor.Take("\",\"asks\":["u8))
            return false;
        const MarketEventFlags flags = MarketEventFlags.Snapshot | MarketEventFlags.NoSequence;
        int start = output.Count;
        EventStamp stamp = EventStamp.FromNanos(product.Id, receiveTime, -1, flags);
        stamp.Add(output, MarketEventKind.BookClear, Channel.Book);
        if (!TakeLevels(ref cursor, product, bidsFirst ? Side.Buy : Side.Sell, stamp, output)
            || !(bidsFirst ? cursor.Take(",\"asks\":["u8) : cursor.Take(",\"bids\":["u8))
            || !TakeLevels(ref cursor, product, bidsFirst ? Side.Sell : Side.Buy, stamp, output))
        {
            return false;
        }

        if (cursor.Take(",\"time\":\""u8))
        {
            if (!cursor.TakeTime(_minutes, out long nanos) || !cursor.Take("\""u8))
                return false;
            foreach (ref MarketEvent added in output.Writable[start..])
                (added.ExchangeTime, added.Flags) = (new UnixNanos(nanos), flags);
        }

        if (!cursor.Take("}"u8) || !cursor.AtEnd)
            return false;
        product.Seen = true;
        product.HasBook = true;
        CloseGroup(output, start);
        return true;
    }

    private static bool TakeLevels(ref TemplateCursor shared, Product product, Side side, in EventStamp stamp, MarketEventBuffer output)
    {
        // A copy: the loop keeps it in registers.
        TemplateCursor cursor = shared;
        if (!cursor.Take("]"u8))
        {
            do
            {
                if (!cursor.Take("[\""u8) || !cursor.TakeDecimal(product.TickScale, out long ticks) || ticks == 0
                    || !cursor.Take("\",\""u8) || !cursor.TakeDecimal(product.LotScale, out long lots)
                    || !cursor.Take("\"]"u8))
                {
                    return false;
                }

                if (lots != 0)
                    stamp.AddLevel(output, side, new Price(ticks), new Quantity(lots));
            }
            while (cursor.Take(","u8));
            if (!cursor.Take("]"u8))
                return false;
        }

        shared = cursor;
        return true;
    }
}
