#Requires -Version 7.4

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $secret = 'ghp_0123456789abcdefghijklmnopqrstuvwxyz'

    # Runs a script in a session of its own, which alone keeps what it was shown.
    function Invoke-Watched([string] $Script, [hashtable] $Call, [scriptblock] $While) {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("param(`$Module, `$call) Import-Module `$Module; $Script").AddArgument((Get-AmpTestLayout).Module).AddArgument($Call)
            $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
            $run = $shell.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]] $null, $output)
            if ($While) {
                & $While $shell
            }

            try {
                $null = $shell.EndInvoke($run)
            } catch [System.Management.Automation.RuntimeException] {
                $failure = $_.Exception
            }

            [pscustomobject]@{
                Output = @($output)
                Progress = @($shell.Streams.Progress)
                Information = @($shell.Streams.Information)
                Errors = @($shell.Streams.Error)
                Failure = $failure
            }
        } finally {
            $shell.Dispose()
        }
    }
}

Describe 'What is told of a run that is under way' {
    BeforeAll {
        $place = Open-AmpTestPlace
        $pause = 'sleep 700'
        $call = Get-AmpFakeCall $place @(
            'init'
            'user go'
            Get-AmpFakeToolStep -Name Bash -Argument @{ cmd = "curl -H `"x: $secret`"`e[2J`n$('日' * 300)" } -Id toolu_1
            $pause
            $pause
            Get-AmpFakeToolStep -Result 'ok' -Id toolu_1
            'assistant almost'
            $pause
            'repeat 500 assistant more'
            'result done'
        ) -Variable @{ SERVICE_TOKEN = $secret }
        $seen = Invoke-Watched 'Invoke-AmpAgent go @call' $call
        $quiet = Invoke-Watched '$ProgressPreference = "SilentlyContinue"; Invoke-AmpAgent go @call' $call
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'is the turn, the time and the tool with its input: short, without secrets and control sequences' {
        $calling = @($seen.Progress | Where-Object StatusDescription -Like '*Bash*')
        $calling.Count | Should -BeGreaterThan 0
        $calling[0].Activity | Should -Be 'Amp agent'
        $calling[0].StatusDescription | Should -Match '^turn 1, \d+:\d\d: Bash  curl -H "x: \*\*\*" 日+…$'
        $calling[0].StatusDescription.Length | Should -BeLessThan 200
        $seen.Progress.StatusDescription | Should -Not -Match "[\p{Cc}]|$secret"
    }

    It 'is the time too while nothing comes, and no tool when it has answered' {
        $after = @($seen.Progress | Where-Object { $_.StatusDescription -match '^turn 2, \d+:\d\d$' })
        $after.Count | Should -BeGreaterThan 0
    }

    It 'is no more than a few updates a second, and is taken away at the end' {
        $seen.Output.Count | Should -BeGreaterThan 500
        $seen.Progress.Count | Should -BeLessThan 50
        $seen.Progress[-1].RecordType | Should -Be 'Completed'
        @($seen.Progress | Where-Object RecordType -EQ Completed).Count | Should -Be 1
        $seen.Progress.ActivityId | Select-Object -Unique | Should -HaveCount 1
    }

    It 'is nothing where nobody wants to see it' {
        $quiet.Output.Count | Should -Be $seen.Output.Count
        $quiet.Progress | Should -BeNullOrEmpty
        (Invoke-Watched 'Invoke-AmpAgent go @call -ProgressAction Ignore' $call).Progress | Should -BeNullOrEmpty
    }

    It 'is taken away <Name>' -ForEach @(
        @{ Name = 'when a downstream cmdlet has enough'; Script = 'Invoke-AmpAgent go @call | Where-Object Type -eq user | Select-Object -Skip 1 -First 1' }
        @{ Name = 'when a downstream script throws'; Script = 'Invoke-AmpAgent go @call | ForEach-Object { if ($_.Text -eq "almost") { throw "no" } }' }
        @{ Name = 'when a time is over'; Script = 'Invoke-AmpAgent go @call -TimeoutSec 1 -ErrorAction SilentlyContinue' }
    ) {
        $run = Invoke-Watched $Script $call
        $run.Progress.Count | Should -BeGreaterThan 1
        $run.Progress[-1].RecordType | Should -Be 'Completed'
    }

    It 'is taken away when the pipeline is stopped' {
        $run = Invoke-Watched 'Invoke-AmpAgent go @call' $call -While {
            param($shell)
            Wait-AmpTestCondition { $shell.Streams.Progress.Count -gt 0 } -Because 'the run shows itself'
            $shell.Stop()
        }

        $run.Progress[-1].RecordType | Should -Be 'Completed'
        @($run.Progress | Where-Object RecordType -EQ Completed).Count | Should -Be 1
    }

    It 'is not in the output of a shell that is no terminal' {
        $shell = Invoke-AmpTestShell $place 'Invoke-AmpAgent go @call -ResultOnly | Out-Default' -Call $call
        $shell.Output | Should -Not -Match 'turn 1,|Amp agent|Bash'
        $shell.Output | Should -Match 'Done in'
    }

    It 'is a record of each tool call, for who asks for it' {
        $record = $seen.Information
        $record | Should -HaveCount 1
        $record.Tags | Should -Be 'Amp', 'AmpTool'
        $record.MessageData | Should -BeOfType [Amp.PowerShell.ToolCall]
        $record.MessageData.ToolName | Should -Be 'Bash'
        $record.MessageData.ToolUseId | Should -Be 'toolu_1'
        $record.MessageData.ThreadId | Should -Be $seen.Output[0].ThreadId
        $record.MessageData.Input | Should -Match '^curl -H "x: \*\*\*" 日+…$'
        "$record" | Should -Be 'Bash' -Because 'PowerShell makes a text of each record, also of those that nobody sees'

        $both = Invoke-AmpAgent go @call -InformationVariable told 6>&1
        $told.MessageData.ToolUseId | Should -Be 'toolu_1'
        @($both | Where-Object { $_ -is [System.Management.Automation.InformationRecord] }).MessageData.ToolUseId | Should -Be 'toolu_1'
        $file = Join-Path $place.Root 'told.xml'
        $told | Export-Clixml -LiteralPath $file
        (Import-Clixml -LiteralPath $file).MessageData | Out-String | Should -Match 'Bash +curl'
    }

    It 'is not shown unless the session shows information' {
        $script = '$ProgressPreference = "SilentlyContinue"; Invoke-AmpAgent go @call -ResultOnly | Out-Null; "--"; $InformationPreference = "Continue"; ' +
            'Invoke-AmpAgent go @call -ResultOnly | Out-Null'
        $silent, $shown = (Invoke-AmpTestShell $place $script -Call $call).Output -split '--', 2
        $silent.Trim() | Should -BeNullOrEmpty
        $shown | Should -Match 'Bash  curl'
        $shown | Should -Not -Match $secret
    }

    It 'is the CLI, its version, the thread and how it ended, with -Verbose' {
        $text = Invoke-AmpAgent go @call -Verbose 4>&1 | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] } | Out-String -Width 400
        $text | Should -Match 'Amp CLI 0\.0\.\S+ \(Native\) at ''.*Amp\.FakeCli'
        $text | Should -Match 'Thread T-\S+ in '''
        $text | Should -Match 'The Amp CLI has exited: exit code 0\.'
        $text | Should -Match 'Thread T-\S+ ended\.'
    }
}
