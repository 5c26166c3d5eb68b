#Requires -Version 7.4

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
}

Describe 'A run whose CLI' {
    BeforeEach {
        $place = Open-AmpTestPlace

        function Invoke-Fake([string[]] $Step, [hashtable] $Variable = @{}, [hashtable] $More = @{}) {
            $call = Get-AmpFakeCall $place $Step -Variable $Variable
            $messages = Invoke-AmpAgent 'go' @call @More -ErrorVariable errors -ErrorAction SilentlyContinue `
                -WarningVariable warnings -WarningAction SilentlyContinue
            [pscustomobject]@{ Messages = @($messages); Errors = @($errors); Warnings = @($warnings); CliPath = $call.CliPath }
        }

        function Assert-Failure($Run, $Id, $Category, $Target, $Message) {
            $Run.Errors.Count | Should -Be 1
            $Run.Errors[0].FullyQualifiedErrorId | Should -Be "$Id,Amp.PowerShell.Commands.InvokeAmpAgentCommand"
            $Run.Errors[0].CategoryInfo.Category | Should -Be $Category
            $Run.Errors[0].TargetObject | Should -Be $Target
            $Run.Errors[0].Exception.Message | Should -BeLike $Message
            $Run.Errors[0].Exception.Message | Should -Not -Match '\p{Cc}'
            $Run.Errors[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        }
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'ends at once with an error of its own' {
        $run = Invoke-Fake 'err Error: the disk is full', 'exit 3'

        $run.Messages | Should -BeNullOrEmpty
        Assert-Failure $run 'CliFailed' 'FromStdErr' $run.CliPath '*exit code 3*the disk is full*'
        $run.Errors[0].Exception.ExitCode | Should -Be 3
        $run.Errors[0].Exception.StandardError | Should -BeLike '*the disk is full*'
        $run.Errors[0].ErrorDetails.RecommendedAction | Should -BeLike "*$($run.CliPath)*"
    }

    It 'ends at once, with 0 and without a word' {
        $run = Invoke-Fake 'read'

        Assert-Failure $run 'CliFailed' 'FromStdErr' $run.CliPath '*exit code 0*without any message*'
    }

    It 'does not know an option' {
        $run = Invoke-Fake 'echo' -Variable @{ AMP_FAKE_REJECT = '--no-ide' }

        Assert-Failure $run 'UnsupportedByCli' 'NotImplemented' $run.CliPath "*unknown option '--no-ide'*"
    }

    It 'does not know a mode' {
        # One that its help names all the same.
        $steps = "err Error: error: option '-m, --mode <value>' argument 'deep' is invalid. Allowed choices are rush, smart.", 'exit 1'
        $run = Invoke-Fake $steps -More @{ Mode = 'deep' }

        Assert-Failure $run 'UnsupportedByCli' 'NotImplemented' $run.CliPath '*deep*Allowed choices are rush, smart*'
    }

    It 'begins a login: its text, its URL and its token are shown nowhere' {
        $run = Invoke-Fake 'echo' -Variable @{ AMP_FAKE_LOGIN = '1' }

        Assert-Failure $run 'NotAuthenticated' 'AuthenticationError' $run.CliPath '*no API key*'
        $run.Errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*AMP_API_KEY*'
        "$($run.Errors | Format-List * -Force | Out-String) $($run.Warnings)" | Should -Not -Match 'authToken=\w|4d915b81'
    }

    It 'only speaks of a login in an answer' {
        $run = Invoke-Fake 'init', 'assistant No API key found. Starting login flow...', 'result done'

        $run.Errors | Should -BeNullOrEmpty
        $run.Messages[-1].Result | Should -Be 'done'
    }

    It 'writes a broken line: an error with the line, and the messages behind it arrive' {
        $run = Invoke-Fake 'init', 'out {"type":"assistant","message":{"role', 'assistant later', 'result done'

        Assert-Failure $run 'InvalidStreamJson' 'ParserError' '{"type":"assistant","message":{"role' '*{"type":"assistant"*'
        $run.Messages | ForEach-Object { $_.GetType().Name } | Should -Be 'SystemMessage', 'AssistantMessage', 'ResultMessage'
        $run.Messages[1].Text | Should -Be 'later'
        $run.Errors[0].Exception.RawLine | Should -Be '{"type":"assistant","message":{"role'
    }

    It 'writes text among the messages: a warning with the text, and nothing is lost' {
        $run = Invoke-Fake 'out npm warn something is old', 'init', 'out    ', 'assistant hello', 'raw \x1b[31mred\x1b[0m text\n', 'result done'

        $run.Errors | Should -BeNullOrEmpty
        $run.Messages.Count | Should -Be 3
        $run.Warnings.Count | Should -Be 2
        "$($run.Warnings[0])" | Should -BeLike '*npm warn something is old'
        "$($run.Warnings[1])" | Should -BeLike '*red text'
        "$($run.Warnings)" | Should -Not -Match "`e"
    }

    It 'ends with 0 and without a result' {
        $run = Invoke-Fake 'init', 'assistant half'

        Assert-Failure $run 'CliFailed' 'FromStdErr' $run.Messages[0].ThreadId '*without a result*assistant*'
        $run.Messages.Count | Should -Be 2
        $run.Errors[0].ErrorDetails.RecommendedAction | Should -BeLike "*$($run.Messages[0].ThreadId)*"
    }

    It 'is ended in the middle of a line' {
        $run = Invoke-Fake 'init', 'raw {"type":"assis', 'signal KILL'

        $run.Errors.Count | Should -Be 2
        $run.Errors.FullyQualifiedErrorId | Should -Be 'InvalidStreamJson,Amp.PowerShell.Commands.InvokeAmpAgentCommand',
            'CliTerminated,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        $run.Messages.Count | Should -Be 1
    }

    It 'is ended by SIG<Signal>' -Skip:$IsWindows -ForEach @{ Signal = 'KILL' }, @{ Signal = 'SEGV' } {
        $run = Invoke-Fake 'init', "signal $Signal"

        Assert-Failure $run 'CliTerminated' 'OperationStopped' $run.Messages[0].ThreadId "*SIG$Signal*"
        $run.Errors[0].Exception.Signal | Should -Be "SIG$Signal"
        $run.Errors[0].Exception.ExitCode | Should -BeNullOrEmpty
    }

    It 'gives a good result and then ends with 3: both are told' {
        $run = Invoke-Fake 'init', 'assistant hello', 'result done', 'err could not save', 'exit 3'

        $run.Messages[-1].Result | Should -Be 'done'
        Assert-Failure $run 'CliFailed' 'FromStdErr' $run.Messages[0].ThreadId '*exit code 3*after it had returned its result*could not save*'
    }

    It 'gives an error result and ends with <ExitCode>: one error, that of the result' -ForEach @{ ExitCode = 0 }, @{ ExitCode = 1 } {
        $run = Invoke-Fake 'init', 'error the model is overloaded', 'err a stack trace', "exit $ExitCode"

        $run.Messages[-1] | Should -BeOfType [Amp.ErrorResultMessage]
        Assert-Failure $run 'Overloaded' 'ResourceBusy' $run.Messages[-1] 'the model is overloaded'
    }

    It 'has used up its turns' {
        $run = Invoke-Fake 'init',
        'out {"type":"result","subtype":"error_max_turns","is_error":true,"num_turns":9,"error":"Too many turns","session_id":"${SESSION}"}'

        $run.Messages[-1].NumTurns | Should -Be 9
        $run.Errors[0].FullyQualifiedErrorId | Should -Be 'MaxTurnsReached,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        $run.Errors[0].CategoryInfo.Category | Should -Be 'LimitsExceeded'
    }

    It 'writes to stderr and ends well: nothing of it is an error, also with -ErrorAction Stop' {
        $call = Get-AmpFakeCall $place 'err Error: this only looks like one', 'init', 'assistant hello', 'errfill 1M', 'result done'
        $messages = Invoke-AmpAgent 'go' @call -ErrorAction Stop -WarningVariable warnings -Verbose 4>&1
        $verbose = @($messages | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] })

        $warnings | Should -BeNullOrEmpty
        $messages[-1].Message | Should -BeLike 'Thread * ended.'
        @($messages | Where-Object { $_ -is [Amp.ResultMessage] }).Result | Should -Be 'done'
        "$verbose" | Should -BeLike '*Error: this only looks like one*'
    }

    It 'floods stderr before it fails: the error shows the end of it' {
        $run = Invoke-Fake 'init', 'errfill 5M', 'errraw \nthe last words\n', 'exit 1'

        Assert-Failure $run 'CliFailed' 'FromStdErr' $run.Messages[0].ThreadId '*the last words*'
        $run.Errors[0].Exception.Message.Length | Should -BeLessThan 2000
        $run.Errors[0].Exception.StandardErrorTruncated | Should -BeTrue
    }

    It 'shows a key in what it writes: it is masked wherever it would be shown' {
        $key = 'sgamp_canary_0123456789abcdef'
        $run = Invoke-Fake "err the key $key was refused by policy", "out noise with $key", 'init', 'exit 5' -Variable @{ AMP_API_KEY = $key }

        $run.Errors.Count | Should -Be 1
        "$($run.Errors | Format-List * -Force | Out-String) $($run.Errors[0].Exception.StandardError) $($run.Warnings)" |
            Should -Not -Match 'canary'
        $run.Errors[0].Exception.Message | Should -BeLike '*the key*was refused by policy*'
    }

    It 'fails for one of three piped prompts: the others run' {
        $call = Get-AmpFakeCall $place 'if start 2 exit 4', 'echo'
        $messages = 'one', 'two', 'three' | Invoke-AmpAgent @call -ResultOnly -ErrorVariable errors -ErrorAction SilentlyContinue

        $messages.Result | Should -Be 'Echo: one', 'Echo: three'
        $errors.FullyQualifiedErrorId | Should -Be 'CliFailed,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
    }

    It 'is not there any more when the prompt comes' {
        $run = Invoke-Fake 'closestdin', 'init', 'error no prompt was read'

        Assert-Failure $run 'AgentError' 'InvalidResult' $run.Messages[-1] 'no prompt was read'
    }
}
