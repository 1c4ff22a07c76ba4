using Crpbot.Messages;

namespace Crpbot.Engine.Tests.Features;

/// <summary>How a random market behaves; the defaults are a lively, healthy feed.</summary>
internal sealed record MarketShape
{
    public int Seed { get; init; } = 1;

    public int Minutes { get; init; } = 30;

    /// <summary>Mean seconds between book messages, and between trade messages.</summary>
    public double BookSeconds { get; init; } = 0.8;

    public double TradeSeconds { get; init; } = 1.5;

    /// <summary>Seconds between heartbeats; 0 sends none.</summary>
    public double HeartbeatSeconds { get; init; } = 1;

    /// <summary>Chance a minute of a silence, a book Gap, a trades Gap and a lost connection.</summary>
    public double Trouble { get; init; }

    /// <summary>Chance that a Trade has no side.</summary>
    public double UnknownSides { get; init; } = 0.2;

    /// <summary>Levels a side at a snapshot, and ticks between them.</summary>
    public int Levels { get; init; } = 25;

    public int LevelTicks { get; init; } = 3;

    /// <summary>Quantities of Trades grow by this factor an hour.</summary>
    public double VolumeGrowth { get; init; } = 1;

    public bool InvertSides { get; init; }

    /// <summary>Minutes between snapshots nobody asked for; 0 sends none.</summary>
    public int SnapshotMinutes { get; init; }
}

/// <summary>A seeded random walk of a book with Trades at its touch, from a few seconds before minute 0 on.</summary>
internal static class RandomMarket
{
    public static EventScript Create(MarketShape shape)
    {
        var random = new Random(shape.Seed);
        var script = new EventScript();
        List<(double At, Action<double> Do)> plan = [];
        long mid = 20_000;
        var bids = new SortedDictionary<long, int>();
        var asks = new SortedDictionary<long, int>();
        double Price(long ticks) => ticks * 0.01;

        void Refill()
        {
            bids.Clear();
            asks.Clear();
            for (int i = 0; i < shape.Levels; i++)
            {
                bids[mid - 1 - shape.LevelTicks * i - random.Next(2)] = random.Next(1, 5000);
                asks[mid + 1 + shape.LevelTicks * i + random.Next(2)] = random.Next(1, 5000);
            }
        }

        void Snapshot(double at)
        {
            Refill();
            script.Snapshot(
                at, [.. bids.Reverse().Select(l => (Price(l.Key), l.Value * 0.001))], [.. asks.Select(l => (Price(l.Key), l.Value * 0.001))]);
        }

        void Change(double at)
        {
            if (random.NextDouble() < 0.3)
                mid += random.Next(-3, 4);
            List<(Side, double, double)> levels = [];
            void Set(Side side, long ticks, int lots)
            {
                SortedDictionary<long, int> of = side == Side.Buy ? bids : asks;
                if (lots == 0)
                    of.Remove(ticks);
                else
                    of[ticks] = lots;
                levels.Add((side, Price(ticks), lots * 0.001));
            }

            // The mid moved through levels: they go. A message in fifty forgets to, and the book is crossed for a while.
            if (random.NextDouble() > 0.02)
            {
                foreach (long ticks in bids.Keys.Where(t => t >= mid).ToList())
                    Set(Side.Buy, ticks, 0);
                foreach (long ticks in asks.Keys.Where(t => t <= mid).ToList())
                    Set(Side.Sell, ticks, 0);
            }

            for (int i = random.Next(1, 4); i > 0; i--)
            {
                Side side = random.Next(2) == 0 ? Side.Buy : Side.Sell;
                long distance = 1 + (long)(random.NextDouble() * random.NextDouble() * shape.Levels * shape.LevelTicks);
                Set(side, side == Side.Buy ? mid - distance : mid + distance, random.Next(4) == 0 ? 0 : random.Next(1, 5000));
            }

            if (levels.Count > 0)
                script.Book(at, [.. levels]);
        }

        void Trade(double at)
        {
            Side side = random.Next(2) == 0 ? Side.Buy : Side.Sell;
            Side said = random.NextDouble() < shape.UnknownSides ? Side.Unknown : shape.InvertSides ? 3 - side : side;
            double growth = Math.Pow(shape.VolumeGrowth, at / 3600);
            for (int i = random.Next(4) == 0 ? random.Next(1, 4) : 1; i > 0; i--)
            {
                long ticks = side == Side.Buy
                    ? asks.Count == 0 ? mid + 1 : asks.Keys.First()
                    : bids.Count == 0 ? mid - 1 : bids.Keys.Last();
                script.Trade(at, said, Price(ticks + (side == Side.Buy ? i / 2 : -i / 2)), Math.Round(0.001 + 2 * growth * Math.Pow(random.NextDouble(), 3), 3));
            }
        }

        void Every(double seconds, Action<double> action)
        {
            for (double at = -5 + seconds * random.NextDouble(); at < 60 * shape.Minutes + 20; at += -seconds * Math.Log(1 - random.NextDouble()))
                plan.Add((Math.Round(at, 3), action));
        }

        Every(shape.BookSeconds, Change);
        Every(shape.TradeSeconds, Trade);
        for (double at = -4; shape.HeartbeatSeconds > 0 && at < 60 * shape.Minutes + 20; at += shape.HeartbeatSeconds)
            plan.Add((at, a => script.Heartbeat(a)));
        for (int minute = 0; shape.SnapshotMinutes > 0 && minute < shape.Minutes; minute += shape.SnapshotMinutes)
            plan.Add((60 * minute + 30.5, Snapshot));
        List<(double From, double To)> silences = [];
        for (int minute = 0; minute < shape.Minutes; minute++)
        {
            double at = Math.Round(60 * minute + 60 * random.NextDouble(), 3);
            if (random.NextDouble() < shape.Trouble)
                silences.Add((at, at + 80 * random.NextDouble()));
            if (random.NextDouble() < shape.Trouble)
            {
                plan.Add((at, a => script.Gap(a, Channel.Book)));
                plan.Add((at + 20 * random.NextDouble(), Snapshot));
            }

            if (random.NextDouble() < shape.Trouble / 2)
                plan.Add((at, a => script.Gap(a, Channel.Trades)));
            if (random.NextDouble() < shape.Trouble / 2)
            {
                double down = at + (random.Next(5) == 0 ? 400 : 30) * random.NextDouble();
                plan.Add((at, a => script.Disconnect(a)));
                silences.Add((at, down));
                plan.Add((down, Snapshot));
            }
        }

        Snapshot(-6);
        foreach ((double at, Action<double> action) in plan.OrderBy(p => p.At))
        {
            if (silences.Any(s => at > s.From && at < s.To))
                continue;
            script.Latency = 0.001 + 0.05 * random.NextDouble() + (random.Next(50) == 0 ? random.NextDouble() : 0);
            action(Math.Round(at, 9));
        }

        return script;
    }
}
