namespace Crpbot.Codecs.Captures;

/// <summary>Computes code lengths of a minimum-redundancy prefix code whose longest code is bounded.</summary>
/// <remarks>Moffat and Katajainen, “In-place calculation of minimum-redundancy codes” (1995), then lengths above the limit are cut and the
/// Kraft sum repaired at the rarest symbols. Reuses its arrays.</remarks>
internal sealed class HuffmanLengths
{
    private long[] _work = new long[256];
    private int[] _order = new int[256];

    /// <param name="counts">How often each symbol occurs, all above 0.</param>
    /// <param name="lengths">Receives bits a symbol: 0 for an only symbol, otherwise 1 to <paramref name="limit"/>.</param>
    /// <param name="limit">2^limit is at least the number of symbols.</param>
    public void Compute(ReadOnlySpan<int> counts, Span<byte> lengths, int limit)
    {
        int n = counts.Length;
        if (n <= 1)
        {
            lengths[..n].Clear();
            return;
        }

        if (_work.Length < n)
            (_work, _order) = (new long[n * 2], new int[n * 2]);
        Span<long> a = _work.AsSpan(0, n);
        Span<int> order = _order.AsSpan(0, n);
        for (int i = 0; i < n; i++)
            // The index decides between equal counts, so that the same events always give the same bytes.
            (a[i], order[i]) = (((long)counts[i] << 20) | (uint)i, i);
        a.Sort(order);
        for (int i = 0; i < n; i++)
            a[i] >>= 20;

        Unlimited(a);
        Limit(a, limit);
        for (int i = 0; i < n; i++)
            lengths[order[i]] = (byte)a[i];
    }

    /// <summary>Counts ascending in, code lengths descending out.</summary>
    private static void Unlimited(Span<long> a)
    {
        int n = a.Length;
        // First pass, left to right: parents.
        a[0] += a[1];
        int root = 0, leaf = 2;
        for (int next = 1; next < n - 1; next++)
        {
            if (leaf >= n || a[root] < a[leaf])
            {
                a[next] = a[root];
                a[root++] = next;
            }
            else
            {
                a[next] = a[leaf++];
            }

            if (leaf >= n || (root < next && a[root] < a[leaf]))
            {
                a[next] += a[root];
                a[root++] = next;
            }
            else
            {
                a[next] += a[leaf++];
            }
        }

        // Second pass, right to left: depths of inner nodes.
        a[n - 2] = 0;
        for (int next = n - 3; next >= 0; next--)
            a[next] = a[(int)a[next]] + 1;

        // Third pass, right to left: depths of leaves.
        int available = 1, used = 0;
        long depth = 0;
        root = n - 2;
        int at = n - 1;
        while (available > 0)
        {
            while (root >= 0 && a[root] == depth)
            {
                used++;
                root--;
            }

            while (available > used)
            {
                a[at--] = depth;
                available--;
            }

            available = 2 * used;
            depth++;
            used = 0;
        }
    }

    /// <summary>Lengths descending in and out, the rarest symbol first; none above the limit, Kraft sum 1.</summary>
    private static void Limit(Span<long> a, int limit)
    {
        if (a[0] <= limit)
            return;
        long kraft = 0;
        for (int i = 0; i < a.Length; i++)
        {
            a[i] = Math.Min(a[i], limit);
            kraft += 1L << (int)(limit - a[i]);
        }

        long full = 1L << limit;
        while (kraft > full)
        {
            // The rarest symbol that can still be lengthened costs least.
            int i = 0;
            while (a[i] == limit)
                i++;
            a[i]++;
            kraft -= 1L << (int)(limit - a[i]);
        }

        for (int i = a.Length - 1; i >= 0 && kraft < full; i--)
        {
            while (a[i] > 1 && kraft + (1L << (int)(limit - a[i])) <= full)
            {
                kraft += 1L << (int)(limit - a[i]);
                a[i]--;
            }
        }
    }
}
