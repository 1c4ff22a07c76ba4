using System.Globalization;
using System.Text;
using System.Text.Json;
using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;
using Crpbot.Simulation;
using Crpbot.Simulation.Wire;
using Xunit;

namespace Crpbot.Engine.Tests.Simulation.Wire;

/// <summary>Both formats read back with System.Text.Json say exactly what the events say.</summary>
public sealed class WireFormatTests
{
    [Fact]
    public void TardisMessagesEqualTheEvents()
    {
        var text = new WireText();
        int written = 0;
        ForEach(20_000, (message, instrument) =>
        {
            if (!TardisWire.TryWrite(message, instrument, text))
            {
                Assert.Equal(MarketEventKind.Heartbeat, message[0].Kind);
                return;
            }

            written++;
            using var document = JsonDocument.Parse(text.Written.ToArray());
            JsonElement root = document.RootElement;
            Assert.Equal("coinbase", root.GetProperty("exchange").GetString());
            Assert.Equal(instrument.Symbol, root.GetProperty("symbol").GetString());
            Assert.Equal(message[0].ExchangeTime, Time(root.GetProperty("timestamp")));
            Assert.Equal(message[0].ReceiveTime, Time(root.GetProperty("localTimestamp")));
            if (message[0].Kind == MarketEventKind.Trade)
            {
                Assert.Equal("trade", root.GetProperty("type").GetString());
                Assert.Equal(message[0].Sequence.ToString(CultureInfo.InvariantCulture), root.GetProperty("id").GetString());
                Assert.Equal(message[0].Price.Ticks, Ticks(root.GetProperty("price").GetRawText()));
                Assert.Equal(message[0].Quantity.Lots, Lots(root.GetProperty("amount").GetRawText()));
                Assert.Equal(message[0].Side == Side.Buy ? "buy" : "sell", root.GetProperty("side").GetString());
                return;
            }

            Assert.Equal("book_change", root.GetProperty("type").GetString());
            Assert.Equal(message[0].Kind == MarketEventKind.BookClear, root.GetProperty("isSnapshot").GetBoolean());
            foreach ((string name, Side side) in new[] { ("bids", Side.Buy), ("asks", Side.Sell) })
            {
                Assert.Equal(
                    Levels(message, side),
                    root.GetProperty(name).EnumerateArray().Select(l => (Ticks(l.GetProperty("price").GetRawText()), Lots(l.GetProperty("amount").GetRawText()))));
            }
        });
        Assert.True(written > 10_000);
    }

    [Fact]
    public void CoinbaseMessagesEqualTheEventsWithTheMakersSide()
    {
        var text = new WireText();
        var types = new HashSet<string>();
        ForEach(20_000, (message, instrument) =>
        {
            CoinbaseWire.Write(message, instrument, 77, text);
            using var document = JsonDocument.Parse(text.Written.ToArray());
            JsonElement root = document.RootElement;
            string type = root.GetProperty("type").GetString()!;
            types.Add(type);
            Assert.Equal(instrument.Symbol, root.GetProperty("product_id").GetString());
            Assert.Equal(message[0].ExchangeTime, Time(root.GetProperty("time")));
            switch (type)
            {
                case "match":
                    Assert.Equal(message[0].Sequence, root.GetProperty("trade_id").GetInt64());
                    Assert.Equal(77, root.GetProperty("sequence").GetInt64());
                    Assert.Equal(message[0].Price.Ticks, Ticks(root.GetProperty("price").GetString()!));
                    Assert.Equal(message[0].Quantity.Lots, Lots(root.GetProperty("size").GetString()!));
                    Assert.Equal(message[0].Side == Side.Buy ? "sell" : "buy", root.GetProperty("side").GetString());
                    Assert.True(Guid.TryParse(root.GetProperty("maker_order_id").GetString(), out _));
                    break;
                case "l2update":
                    Assert.Equal(
                        message.ToArray().Select(e => (e.Side, e.Price.Ticks, e.Quantity.Lots)),
                        root.GetProperty("changes").EnumerateArray().Select(c => (c[0].GetString() == "buy" ? Side.Buy : Side.Sell, Ticks(c[1].GetString()!), Lots(c[2].GetString()!))));
                    break;
                case "snapshot":
                    Assert.Equal(Levels(message, Side.Buy), root.GetProperty("bids").EnumerateArray().Select(l => (Ticks(l[0].GetString()!), Lots(l[1].GetString()!))));
                    Assert.Equal(Levels(message, Side.Sell), root.GetProperty("asks").EnumerateArray().Select(l => (Ticks(l[0].GetString()!), Lots(l[1].GetString()!))));
                    break;
                case "heartbeat":
                    Assert.Equal(message[0].Aux, root.GetProperty("last_trade_id").GetInt64());
                    Assert.Equal(message[0].Sequence, root.GetProperty("sequence").GetInt64());
                    break;
                default:
                    Assert.Fail(type);
                    break;
            }
        });
        Assert.Equal(4, types.Count);
    }

    [Fact]
    public void TickerTellsTheTradeAndTheBestLevels()
    {
        var table = new InstrumentTable();
        Instrument instrument = table.GetOrAdd("coinbase", "SOL-USD");
        var text = new WireText();
        var trade = new MarketEvent { Side = Side.Sell, Price = new Price(15001), Quantity = new Quantity(123), Sequence = 9, ExchangeTime = new UnixNanos(1_000) };
        CoinbaseWire.Ticker(trade, instrument, 5, (15000, 200_000_000, 15003, 7), text);
        Assert.Equal(
            """{"type":"ticker","sequence":5,"product_id":"SOL-USD","price":"150.01","best_bid":"150.00","best_bid_size":"2.00000000","best_ask":"150.03","best_ask_size":"0.00000007","side":"sell","time":"1970-01-01T00:00:00.000001Z","trade_id":9,"last_size":"0.00000123"}""",
            Encoding.UTF8.GetString(text.Written));
    }

    [Theory]
    [InlineData("0.01", 6_000_000, "60000", "60000.00")]
    [InlineData("0.01", 6_000_001, "60000.01", "60000.01")]
    [InlineData("0.00000001", 1, "0.00000001", "0.00000001")]
    [InlineData("0.00000001", 0, "0", "0.00000000")]
    [InlineData("0.5", 3, "1.5", "1.5")]
    [InlineData("5", 3, "15", "15")]
    [InlineData("0.00000001", long.MaxValue, "92233720368.54775807", "92233720368.54775807")]
    public void DecimalsAreExact(string step, long steps, string trimmed, string padded)
    {
        Assert.Equal(trimmed, Encoding.UTF8.GetString(new WireText().Add(DecimalStep.Parse(step), steps, trim: true).Written));
        Assert.Equal(padded, Encoding.UTF8.GetString(new WireText().Add(DecimalStep.Parse(step), steps, trim: false).Written));
    }

    private delegate void Check(ReadOnlySpan<MarketEvent> message, Instrument instrument);

    private static void ForEach(int messages, Check check)
    {
        var simulator = new MarketSimulator(new SimulationOptions(), new InstrumentTable());
        var message = new MarketEventBuffer();
        for (int i = 0; i < messages; i++)
        {
            message.Clear();
            simulator.NextMessage(message);
            check(message.Events, simulator.Table[message.Events[0].Instrument]);
        }
    }

    private static IEnumerable<(long Ticks, long Lots)> Levels(ReadOnlySpan<MarketEvent> message, Side side) =>
        message.ToArray().Where(e => e.Kind == MarketEventKind.BookDelta && e.Side == side).Select(e => (e.Price.Ticks, e.Quantity.Lots));

    private static UnixNanos Time(JsonElement element) =>
        UnixNanos.FromDateTime(DateTime.Parse(element.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal));

    private static long Ticks(string text) => (long)(decimal.Parse(text, CultureInfo.InvariantCulture) * 100);

    private static long Lots(string text) => (long)(decimal.Parse(text, CultureInfo.InvariantCulture) * 100_000_000);
}
