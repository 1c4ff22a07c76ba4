namespace Crpbot.Features.Kernels.Reference;

/// <summary><see cref="Kernels.OrderFlow"/>, written plainly.</summary>
internal static class OrderFlow
{
    public static long Bids(ReadOnlySpan<long> ticks, ReadOnlySpan<long> lots, ReadOnlySpan<long> oldTicks, ReadOnlySpan<long> oldLots)
    {
        long flow = 0;
        for (int i = 0; i < ticks.Length; i++)
        {
            if (ticks[i] >= oldTicks[i])
                flow += lots[i];
            if (ticks[i] <= oldTicks[i])
                flow -= oldLots[i];
        }

        return flow;
    }

    public static long Asks(ReadOnlySpan<long> ticks, ReadOnlySpan<long> lots, ReadOnlySpan<long> oldTicks, ReadOnlySpan<long> oldLots)
    {
        long flow = 0;
        for (int i = 0; i < ticks.Length; i++)
        {
            if (ticks[i] <= oldTicks[i])
                flow += lots[i];
            if (ticks[i] >= oldTicks[i])
                flow -= oldLots[i];
        }

        return flow;
    }
}

/// <summary><see cref="Kernels.BandNotional"/>, written plainly.</summary>
internal static class BandNotional
{
    public static double Bids(ReadOnlySpan<long> ticks, ReadOnlySpan<long> lots, long lowest)
    {
        double sum = 0;
        for (int i = 0; i < ticks.Length; i++)
        {
            if (ticks[i] >= lowest)
                sum += (double)ticks[i] * lots[i];
        }

        return sum;
    }

    public static double Asks(ReadOnlySpan<long> ticks, ReadOnlySpan<long> lots, long highest)
    {
        double sum = 0;
        for (int i = 0; i < ticks.Length; i++)
        {
            if (ticks[i] <= highest)
                sum += (double)ticks[i] * lots[i];
        }

        return sum;
    }
}

/// <summary><see cref="Kernels.LotSum"/>, written plainly.</summary>
internal static class LotSum
{
    public static long Of(ReadOnlySpan<long> lots)
    {
        long sum = 0;
        foreach (long lot in lots)
            sum += lot;
        return sum;
    }
}
