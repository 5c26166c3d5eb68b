using System.Diagnostics;

namespace Amp.Attack.Requests;

/// <summary>Talks to the server of the tools and to the channel of the approvals as strangers would, and as their own clients do in between.</summary>
internal static class RequestAttack
{
    private static readonly TimeSpan s_hangLimit = TimeSpan.FromMinutes(2);

    /// <summary>Attacks; the counts in a line.</summary>
    /// <exception cref="AttackFailureException">A stranger was heard, or a client was not.</exception>
    public static async Task<string> RunAsync(int seed, int first, int count)
    {
        Stopwatch watch = Stopwatch.StartNew();
        await using ServerTarget server = await ServerTarget.StartAsync();
        await using ChannelTarget channel = new();
        for (int number = first; number < first + count; number++)
        {
            AttackRandom random = new(seed, number);
            IAttackTarget target = random.IsOneIn(3) ? channel : server;
            byte[] said = [];
            try
            {
                StrangerRequest request = target.Attack(random);
                said = request.Bytes;
                await StrangerAsync(target, request).WaitAsync(s_hangLimit);
                await target.AskAsync(number).WaitAsync(s_hangLimit);
                if (target.Heard is string heard)
                {
                    throw new InvalidDataException($"A stranger was heard: {heard}");
                }
            }
            catch (Exception exception)
            {
                throw new AttackFailureException(
                    "requests", seed, number, exception is InvalidDataException ? exception.Message : exception.ToString(), System.Text.Encoding.Latin1.GetString(said), exception);
            }
        }

        int silent = server.Strangers.Count + channel.Strangers.Count;
        return $"requests: seed {seed}, {count} requests of strangers, {silent} of them never ended, 0 heard; {server.Answered + channel.Answered} calls of clients in between, all answered, {watch.Elapsed.TotalSeconds:0} s";
    }

    private static async Task StrangerAsync(IAttackTarget target, StrangerRequest request)
    {
        if (request.IsEndless)
        {
            await target.Strangers.AddAsync(target.Port, request.Bytes);
            return;
        }

        string answer = await Stranger.AskAsync(target.Port, request.Bytes);
        if (target.Grants(answer))
        {
            throw new InvalidDataException($"A stranger got this answer: {answer}");
        }
    }
}
