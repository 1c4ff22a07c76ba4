using System.Runtime.InteropServices;
using Crpbot.Messages;

namespace Crpbot.Engine.Tests.Features;

/// <summary>Spoils a stream of events, seeded. Timers are ours and stay.</summary>
internal static class Damage
{
    /// <summary>Drops, duplicates, reorders, shifts times and puts impossible values in.</summary>
    public static List<MarketEvent> Moderate(IEnumerable<MarketEvent> events, int seed)
    {
        var random = new Random(seed);
        List<MarketEvent> damaged = [];
        foreach (MarketEvent original in events)
        {
            MarketEvent e = original;
            if (e.Kind == MarketEventKind.Timer)
            {
                damaged.Add(e);
                continue;
            }

            switch (random.Next(250))
            {
                case 0:
                    continue;
                case 1:
                    damaged.Add(e);
                    break;
                case 2 when damaged.Count > 0 && damaged[^1].Kind != MarketEventKind.Timer:
                    // Neighbours change places, but ReceiveTime is ours and stays in order.
                    MarketEvent before = damaged[^1];
                    (before.ReceiveTime, e.ReceiveTime) = (e.ReceiveTime, before.ReceiveTime);
                    damaged[^1] = e;
                    e = before;
                    break;
                case 3:
                    e.ExchangeTime -= random.NextInt64(90 * UnixNanos.PerSecond);
                    break;
                case 4 when random.Next(4) == 0:
                    e.ExchangeTime += random.NextInt64(200 * UnixNanos.PerSecond);
                    break;
                case 5 when e.Kind == MarketEventKind.Trade:
                    e.Price = new(-random.Next(2));
                    break;
                case 6 when e.Kind == MarketEventKind.Trade:
                    e.Quantity = new(-random.Next(2));
                    break;
                case 7 when e.Kind == MarketEventKind.BookDelta && random.Next(4) == 0:
                    e.Quantity = new(-1);
                    break;
                case 8 when e.Kind == MarketEventKind.BookDelta && random.Next(4) == 0:
                    e.Side = Side.Unknown;
                    break;
                case 9:
                    e.Flags &= ~MarketEventFlags.LastInMessage;
                    break;
                case 10 when e.Kind == MarketEventKind.BookDelta:
                    e.Price = new(e.Price.Ticks + random.Next(-40, 41));
                    break;
            }

            damaged.Add(e);
        }

        return damaged;
    }

    /// <summary>Flips random bits anywhere in random events, ReceiveTime and Timers included.</summary>
    public static List<MarketEvent> Wild(IEnumerable<MarketEvent> events, int seed, int oneIn)
    {
        var random = new Random(seed);
        List<MarketEvent> damaged = [.. events];
        foreach (ref MarketEvent e in CollectionsMarshal.AsSpan(damaged))
        {
            if (random.Next(oneIn) != 0)
                continue;
            Span<byte> bytes = MemoryMarshal.AsBytes(new Span<MarketEvent>(ref e));
            for (int flips = random.Next(1, 4); flips > 0; flips--)
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        }

        return damaged;
    }
}
