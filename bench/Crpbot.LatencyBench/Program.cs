using System.Globalization;
using Crpbot.LatencyBench;
using Crpbot.LatencyBench.Figures;
using Crpbot.Telemetry;

// dotnet run -c Release --project bench/Crpbot.LatencyBench -- PROGRAM
string root = Repository.Root;
string results = Path.Combine(root, "bench", "results", "figures.json");
switch (args.FirstOrDefault())
{
    case "ring":
        return RingPingPong.Run();
    case "inference":
        return InferenceLatency.Run(args.ElementAtOrDefault(1));
    case "figures":
        string data = Environment.GetEnvironmentVariable("CRPBOT_DATA") ?? Path.Combine(root, "..", "shared", "data");
        if (!Directory.Exists(data))
        {
            Console.Error.WriteLine($"no market data at {data}; set CRPBOT_DATA");
            return 3;
        }

        string load = File.Exists("/proc/loadavg") ? $"load {File.ReadAllText("/proc/loadavg").Split(' ')[0]} at the start" : "load unknown";
        string run = $"{MachineLine.Describe()}, {DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}, {load}";
        IReadOnlyList<Figure> measured = new FigureRun(data, Path.Combine(root, "native-models", "models", "sim-lstm-53", "1"), run).Run(onlyLake: args.ElementAtOrDefault(1) == "lake");
        Directory.CreateDirectory(Path.GetDirectoryName(results)!);
        (File.Exists(results) ? FigureFile.Read(results) : new FigureFile([])).With(measured).Write(results);
        goto case "tables";
    case "data-quality":
        return DataQuality.Run(Environment.GetEnvironmentVariable("CRPBOT_DATA") ?? Path.Combine(root, "..", "shared", "data"), Path.Combine(root, "engine", "docs", "data-quality.md"));
    case "tables":
        FigureFile file = FigureFile.Read(results);
        Write(Path.Combine(root, "README.md"), withNotes: false);
        Write(Path.Combine(root, "bench", "README.md"), withNotes: true);
        return 0;

        void Write(string document, bool withNotes) => File.WriteAllText(document, FigureTable.Insert(File.ReadAllText(document), FigureTable.Render(file, withNotes)));
    default:
        Console.Error.WriteLine("usage: Crpbot.LatencyBench ring | inference [PACKAGE] | figures [lake] | tables | data-quality");
        return 2;
}
