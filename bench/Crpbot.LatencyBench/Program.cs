using Crpbot.LatencyBench;

// dotnet run -c Release --project bench/Crpbot.LatencyBench -- PROGRAM
switch (args.FirstOrDefault())
{
    case "ring":
        return RingPingPong.Run();
    case "inference":
        return InferenceLatency.Run(args.ElementAtOrDefault(1));
    default:
        Console.Error.WriteLine("usage: Crpbot.LatencyBench ring | inference [PACKAGE]");
        return 2;
}
