#Requires -Version 7.4

# Runs on other machines: a real SSH server of the test, with keys and a configuration of its own.

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $gap = $IsLinux -and (Test-Path /usr/sbin/sshd) -and (id -u) -eq 0 ? '' : ' (not run: requires root and openssh-server on Debian)'
    $missing = $gap ? $gap : (Get-AmpTestGap MarchCli)
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module

    function Open-Server($Place) {
        $folder = New-Item -ItemType Directory -Path (Join-Path $Place.Root 'sshd')
        $null = New-Item -ItemType Directory -Force -Path /run/sshd, "$folder/home", "$folder/tmp"
        foreach ($name in 'host_key', 'user_key') {
            ssh-keygen -q -t ed25519 -N '' -C '' -f "$folder/$name"
        }
        $listeners = 1, 2 | ForEach-Object { [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0) }
        $listeners.ForEach{ $_.Start() }
        $port, $otherPort = $listeners.ForEach{ $_.LocalEndpoint.Port }
        $listeners.ForEach{ $_.Stop() }
        Copy-Item "$folder/user_key.pub" "$folder/authorized_keys"
        "[127.0.0.1]:$port", "[localhost]:$port", "[127.0.0.1]:$otherPort" | ForEach-Object { "$_ $(Get-Content -Raw "$folder/host_key.pub")" } | Set-Content "$folder/known_hosts"
        "IdentitiesOnly yes`nIdentityAgent none`nUserKnownHostsFile $folder/known_hosts`nGlobalKnownHostsFile /dev/null`nAddressFamily inet" | Set-Content "$folder/ssh_config"
        @"
Port $port
Port $otherPort
ListenAddress 127.0.0.1
HostKey $folder/host_key
PidFile $folder/sshd.pid
AuthorizedKeysFile $folder/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
SetEnv HOME=$folder/home TMPDIR=$folder/tmp PATH=/usr/bin:/bin DOTNET_EnableDiagnostics=0
"@ | Set-Content "$folder/sshd_config"
        $process = Start-Process /usr/sbin/sshd '-D', '-f', "$folder/sshd_config", '-E', "$folder/log" -PassThru
        Wait-AmpTestCondition { Test-Path "$folder/sshd.pid" } -Because 'the server starts'
        [pscustomobject]@{
            Process = $process
            Temp = "$folder/tmp"
            OtherPort = $otherPort
            Call = @{ UserName = 'root'; Port = $port; KeyFilePath = "$folder/user_key"; Options = @{ F = "$folder/ssh_config" } }
        }
    }

    function Get-Left($Server) { Get-ChildItem -Force $Server.Temp }
}

Describe "Hosts$gap" -Skip:([bool] $gap) {
    BeforeEach {
        $place = Open-AmpTestPlace
        $server = Open-Server $place
        $call = $server.Call
    }

    AfterEach {
        $server.Process.Kill($true)
        $server.Process.WaitForExit()
        Close-AmpTestPlace $place
    }

    It 'give messages with the name of the host' {
        $fake = Get-AmpFakeCall $place
        $messages = Invoke-AmpAgent 'hello' -HostName 127.0.0.1 -SSHTransport @call @fake
        $messages[-1] | Should -BeOfType Amp.ResultMessage
        $messages[-1].Result | Should -BeExactly 'Echo: hello'
        $messages.PSComputerName | Sort-Object -Unique | Should -Be '127.0.0.1'
        Get-Left $server | Should -BeNullOrEmpty
    }

    It 'count for the host in records, sums and reports' {
        $fake = Get-AmpFakeCall $place
        $file = Join-Path $place.Root 'run.ndjson'
        $messages = Invoke-AmpAgent 'hello' -HostName 127.0.0.1 @call @fake -TranscriptPath $file
        $messages | Export-Clixml (Join-Path $place.Root 'run.xml')
        foreach ($read in $messages, $messages[-1], (Import-Clixml (Join-Path $place.Root 'run.xml')), (Import-AmpTranscript $file)) {
            $total = $read | Measure-AmpUsage Host
            $total.HostName, $total.Runs | Should -Be '127.0.0.1', 1
        }
        Export-AmpReport -TranscriptPath $file | Should -Match '<dt>Computer</dt><dd[^>]*>127\.0\.0\.1<'

        # The process that writes it is one of this computer.
        (Get-Content $file -TotalCount 1 | ConvertFrom-Json).host | Should -BeExactly ([Environment]::MachineName)
    }

    It 'run each prompt on each host' {
        $fake = Get-AmpFakeCall $place
        $rows = 'one', 'two' | Invoke-AmpAgent -HostName 127.0.0.1, "root@localhost:$($call.Port)" @call @fake -ThrottleLimit 4 -ResultOnly -WarningAction SilentlyContinue
        $rows | Sort-Object RunId | ForEach-Object { "$($_.RunId) $($_.PSComputerName) $($_.Prompt) $($_.Result)" } |
            Should -Be '1 127.0.0.1 one Echo: one', '2 localhost one Echo: one', '3 127.0.0.1 two Echo: two', '4 localhost two Echo: two'
        Get-Left $server | Should -BeNullOrEmpty
    }

    It 'run one prompt on several hosts, of which one may fail' {
        $fake = Get-AmpFakeCall $place
        $folder = Join-Path $place.Root 'night'
        $rows = Invoke-AmpAgent 'one' -HostName 127.0.0.1, no-such-host.invalid @call @fake -ThrottleLimit 2 -ResultOnly -TranscriptPath "$folder/" -ErrorVariable failed -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        ($rows | Sort-Object RunId).ErrorId | Should -Be $null, 'HostUnreachable'
        ($rows | Sort-Object RunId).PSComputerName | Should -Be '127.0.0.1', 'no-such-host.invalid'
        $failed.Exception.HostName | Should -Contain 'no-such-host.invalid'

        # The records have the host that could not be reached.
        $read = Import-AmpTranscript $folder -ResultOnly
        $read | Should -HaveCount 2
        ($read | Where-Object ErrorId).ErrorId | Should -Be 'HostUnreachable'
        ($read | Measure-AmpUsage Host).HostName | Sort-Object | Should -Be '127.0.0.1', 'no-such-host.invalid'
    }

    It 'warn of runs in one folder: <Name>' -ForEach @(
        @{ Name = 'of a host, which is named'; Count = 1; Tasks = { '', '/' | ForEach-Object { @{ Prompt = 'x'; HostName = '127.0.0.1'; WorkingDirectory = "$($place.Project)$_" } } } }
        @{ Name = 'not if they are on two hosts'; Count = 0; Tasks = { '127.0.0.1', 'localhost' | ForEach-Object { @{ Prompt = 'x'; HostName = $_ } } } }
        @{ Name = 'not if they are behind two ports'; Count = 0; Tasks = { $call.Port, $server.OtherPort | ForEach-Object { @{ Prompt = 'x'; HostName = "127.0.0.1:$_" } } } }
    ) {
        # None goes on before the other has started.
        $steps = @('init') + (1..2 | ForEach-Object { "if start $_ mark $($place.Root)/here-$_" }) + (1..2 | ForEach-Object { "waitfor $($place.Root)/here-$_" }) + 'result done'
        $fake = Get-AmpFakeCall $place $steps
        $rows = & $Tasks | Invoke-AmpAgent @call @fake -ThrottleLimit 2 -ResultOnly -WarningVariable noted -WarningAction SilentlyContinue -TimeoutSec 600
        $rows.Result | Should -Be 'done', 'done'
        $about = @(@($noted) -like '*WorkingDirectory*')
        $about.Count | Should -Be $Count
        "$about" -like '*127.0.0.1*' | Should -Be ([bool] $Count)
    }

    It 'work in a job' {
        $fake = Get-AmpFakeCall $place
        $job = 'one', 'two' | Invoke-AmpAgent -HostName 127.0.0.1 @call @fake -AsJob -ThrottleLimit 2 -ResultOnly
        $job.ChildJobs.Location | Should -Be '127.0.0.1', '127.0.0.1'
        $job.Location | Should -Be '127.0.0.1'
        $rows = $job | Receive-Job -Wait -AutoRemoveJob -WarningAction SilentlyContinue
        ($rows | Sort-Object RunId).Result | Should -Be 'Echo: one', 'Echo: two'
        $rows.PSComputerName | Sort-Object -Unique | Should -Be '127.0.0.1'
    }

    It 'work in a job that names each of its hosts' {
        $fake = Get-AmpFakeCall $place
        $job = 'one', 'two' | Invoke-AmpAgent -HostName 127.0.0.1, localhost @call @fake -AsJob -ThrottleLimit 2 -ResultOnly
        $job.ChildJobs.Location | Should -Be '127.0.0.1', 'localhost', '127.0.0.1', 'localhost'
        $job.Location | Should -Be '127.0.0.1,localhost'
        $rows = $job | Receive-Job -Wait -AutoRemoveJob -WarningAction SilentlyContinue
        $rows.RunId | Sort-Object | Should -Be 1, 2, 3, 4
    }

    It 'end what was started when the pipeline ends early' {
        $fake = Get-AmpFakeCall $place 'init', 'spawn setsid', 'spawn stubborn', 'assistant hi', 'hang'
        $first = Invoke-AmpAgent 'x' -HostName 127.0.0.1 @call @fake | Select-Object -First 2
        $first[1].Text | Should -BeExactly 'hi'
        Get-AmpTestProcess $place | Where-Object { $_ -ne $server.Process.Id } | Should -BeNullOrEmpty
        Get-Left $server | Should -BeNullOrEmpty
    }

    It 'have a configuration that is relative to the current location' {
        $given = $call + @{ CliPath = (Get-AmpTestLayout).FakeCli }
        $given.Options = @{ F = './ssh_config' }
        Push-Location (Split-Path $server.Temp)
        try {
            (Get-AmpCli -HostName 127.0.0.1 @given).PSComputerName | Should -BeExactly '127.0.0.1'
        } finally {
            Pop-Location
        }
    }

    It 'tell their CLI' {
        $cli = Get-AmpCli -HostName 127.0.0.1 -CliPath (Get-AmpTestLayout).FakeCli @call
        $cli.Version | Should -Match '^0\.0\.'
        $cli.PSComputerName | Should -BeExactly '127.0.0.1'
    }

    It 'are refused with <Name>' -ForEach @(
        @{ Name = 'Checkpoint'; Value = $true }
        @{ Name = 'Skills'; Value = '/tmp' }
        @{ Name = 'LogFile'; Value = '/tmp/log' }
    ) {
        $given = @{ $Name = $Value }
        { Invoke-AmpAgent 'x' -HostName 127.0.0.1 @call @given } | Should -Throw -ErrorId 'UnsupportedByHost,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
    }

    It 'start nothing with -WhatIf' {
        Invoke-AmpAgent 'x' -HostName 127.0.0.1 @call -WhatIf
        Get-Content "$($server.Temp)/../log" | Should -Not -Match 'Connection|Accepted'
        { Invoke-AmpAgent 'x' -Port 22 } | Should -Throw -ErrorId 'InvalidOption,*'
        { Invoke-AmpAgent 'x' -HostName '-oProxyCommand=x' } | Should -Throw -ErrorId 'InvalidOption,*'
    }
}

Describe "A real CLI on a host$missing" -Skip:([bool] $missing) {
    BeforeAll {
        $place = Open-AmpTestPlace
        $server = Open-Server $place
    }

    AfterAll {
        $server.Process.Kill($true)
        $server.Process.WaitForExit()
        Close-AmpTestPlace $place
    }

    BeforeEach {
        $service = Open-AmpLocalService $place
        $real = Get-AmpLocalCall $place $service
        $real.Environment['PATH'] = "$(Split-Path (Get-Command node).Source):/usr/bin:/bin"
        $call = $server.Call
    }

    It 'answers' {
        $messages = Invoke-AmpAgent 'Say hello' -HostName 127.0.0.1 @call @real
        $messages[-1].Outcome | Should -Be Succeeded
        $messages[-1].PSComputerName | Should -BeExactly '127.0.0.1'
        Get-Left $server | Should -BeNullOrEmpty
    }

    It 'calls commands of this session and asks it, on several hosts' {
        $list = [System.Collections.Generic.List[string]]::new()
        $asked = [System.Collections.Generic.List[object]]::new()
        $count = New-AmpTool Add-Count -Description 'Counts.' { $list.Add("in $PID"); $list.Count }
        $prompt = 'RUN:mcp__ps__Add_Count {}END RUN:Bash {"cmd":"touch \"$PWD/$RANDOM.made\""}END RUN:Bash {"cmd":"rm -rf never"}END'
        $rows = Invoke-AmpAgent $prompt -HostName 127.0.0.1, "root@localhost:$($call.Port)" @call @real -ThrottleLimit 2 -ResultOnly -Tool $count -ApprovalScript {
            param($Call)
            $asked.Add($Call)
            $Call.ToolName -like 'mcp__*' -or $Call.Command -like 'touch *' ? $true : "Not on $($Call.HostName)."
        }
        $rows.PSComputerName | Sort-Object | Should -Be '127.0.0.1', 'localhost'
        $list | Should -Be "in $PID", "in $PID"
        $asked.HostName | Sort-Object -Unique | Should -Be '127.0.0.1', 'localhost'
        $asked.WorkingDirectory | Sort-Object -Unique | Should -Be $place.Project
        Get-ChildItem $place.Project -Filter *.made | Should -HaveCount 2
        foreach ($row in $rows) {
            $row.Approvals.IsAllowed | Sort-Object | Should -Be $false, $true, $true
            ($row.Approvals | Where-Object Reason).Reason | Should -BeExactly "Not on $($row.PSComputerName)."
            $row.Outcome | Should -Be Denied
        }
        $asked[0] | Format-List | Out-String | Should -Match 'HostName +: (127\.0\.0\.1|localhost)'
        Get-Left $server | Should -BeNullOrEmpty
    }
}

Describe "Sessions and rows on hosts$gap" -Skip:([bool] $gap) {
    BeforeEach {
        $place = Open-AmpTestPlace
        $server = Open-Server $place
        $call = $server.Call
    }

    AfterEach {
        Get-AmpSession | Remove-AmpSession -ErrorAction Ignore | Out-Null
        $server.Process.Kill($true)
        $server.Process.WaitForExit()
        Close-AmpTestPlace $place
    }

    It 'keep one CLI for the turns of a session, and leave nothing' {
        $fake = Get-AmpFakeCall $place 'polite', 'init', 'turns'
        $session = New-AmpSession far -HostName 127.0.0.1 -SSHTransport @call @fake
        $session.HostName | Should -BeExactly '127.0.0.1'
        (Get-AmpSession far).HostName | Should -BeExactly '127.0.0.1'
        Get-AmpSession | Format-List | Out-String | Should -Match 'HostName +: 127\.0\.0\.1'
        $first = Send-AmpMessage $session 'one'
        $first.PSComputerName | Sort-Object -Unique | Should -BeExactly '127.0.0.1'
        (Send-AmpMessage $session 'two' -ResultOnly).PSComputerName | Should -BeExactly '127.0.0.1'
        $session.TurnCount | Should -Be 2
        Send-AmpMessage $session 'three' -NoWait
        (Receive-AmpMessage $session -Wait).PSComputerName | Sort-Object -Unique | Should -BeExactly '127.0.0.1'
        $job = Send-AmpMessage $session 'four' -AsJob
        $job.Location, $job.ChildJobs[0].Location | Should -Be '127.0.0.1', '127.0.0.1'
        ($job | Receive-Job -Wait -AutoRemoveJob).PSComputerName | Sort-Object -Unique | Should -BeExactly '127.0.0.1'
        # One process that was sent all of it knows all of it.
        @(Get-AmpFakeRecord $place).Count | Should -Be 1
        @($session.ThreadId, $first[0].ThreadId | Sort-Object -Unique).Count | Should -Be 1
        $result = Remove-AmpSession $session
        $result | Should -BeOfType Amp.ResultMessage
        $result.PSComputerName | Should -BeExactly '127.0.0.1'
        Get-AmpTestProcess $place | Where-Object { $_ -ne $server.Process.Id } | Should -BeNullOrEmpty
        Get-Left $server | Should -BeNullOrEmpty
    }

    It 'end a session with its runspace' {
        $fake = Get-AmpFakeCall $place 'polite', 'init', 'turns', 'spawn setsid'
        $shell = [powershell]::Create()
        $said = $shell.AddScript({
                param($Module, $Call, $Fake)
                Import-Module $Module
                Send-AmpMessage (New-AmpSession -HostName 127.0.0.1 @Call @Fake) 'one' -ResultOnly
            }).AddArgument((Get-AmpTestLayout).Module).AddArgument($call).AddArgument($fake).Invoke()
        $said[0].PSComputerName | Should -BeExactly '127.0.0.1'
        Get-Left $server | Should -Not -BeNullOrEmpty
        $shell.Runspace.Dispose()
        $shell.Dispose()
        Get-AmpTestLeftover $place | Should -BeNullOrEmpty
        Wait-AmpTestCondition { -not (Get-Left $server) } -Because 'the host removes the folder'
    }

    It 'refuse for a session what works here only' {
        { New-AmpSession -HostName 127.0.0.1 @call -LogFile /tmp/log } | Should -Throw -ErrorId 'UnsupportedByHost,Amp.PowerShell.Commands.NewAmpSessionCommand'
        { New-AmpSession -HostName '-oProxyCommand=x' } | Should -Throw -ErrorId 'InvalidOption,*'
        { New-AmpSession -Port 22 } | Should -Throw -ErrorId 'InvalidOption,*'
        New-AmpSession -HostName 127.0.0.1 @call -WhatIf
        Get-AmpSession | Should -BeNullOrEmpty
        Use-AmpReplay -Mock (New-AmpMock -Text far) {
            (Send-AmpMessage (New-AmpSession -HostName web01.invalid -WorkingDirectory /no/such) 'a' -ResultOnly).Text | Should -BeExactly 'far'
        }
    }

    It 'run each row on its host, and fail those of a host that is not there' {
        $fake = Get-AmpFakeCall $place
        $fake.Remove('WorkingDirectory')
        $table = Join-Path $place.Root 'tasks.csv'
        @"
Prompt,HostName,WorkingDirectory
one,127.0.0.1,$($place.Project)
two,root@localhost:$($call.Port),$($place.Project)
three,no-such-host.invalid,/srv
four,-oProxyCommand=x,/srv
five,,/srv
"@ | Set-Content $table
        $rows = Import-Csv $table | Invoke-AmpAgent @call @fake -ThrottleLimit 4 -ResultOnly -ErrorVariable failed -ErrorAction SilentlyContinue -WarningAction SilentlyContinue |
            Sort-Object RunId
        $rows.Result[0, 1] | Should -Be 'Echo: one', 'Echo: two'
        $rows[0, 1, 2].PSComputerName | Should -Be '127.0.0.1', 'localhost', 'no-such-host.invalid'
        $rows.ErrorId | Should -Be $null, $null, 'HostUnreachable', 'InvalidOption', 'InvalidOption'
        $failed.Exception.Message -match '^Row [45]: ' | Should -HaveCount 2
        # One with a CLI each, and none for a row without a host.
        @(Get-AmpFakeRecord $place).Count | Should -Be 2
        Get-Left $server | Should -BeNullOrEmpty
    }

    It 'prefer the host of a row to that of the call' {
        $fake = Get-AmpFakeCall $place
        $rows = @{ Prompt = 'a'; ComputerName = 'localhost' }, [pscustomobject] @{ Prompt = 'b' }, [pscustomobject] @{ Prompt = 'c'; PSComputerName = 'localhost'; RunspaceId = [guid]::NewGuid() } |
            Invoke-AmpAgent -HostName 127.0.0.1 @call @fake -ResultOnly
        $rows.PSComputerName | Should -Be 'localhost', '127.0.0.1', '127.0.0.1'
        $here = [pscustomobject] @{ Prompt = 'd'; PSComputerName = 'localhost'; RunspaceId = [guid]::NewGuid() } | Invoke-AmpAgent @fake -ResultOnly
        $here.PSObject.Properties['PSComputerName'] | Should -BeNullOrEmpty
        { 'e' | Invoke-AmpAgent @call @fake } | Should -Throw -ErrorId 'InvalidOption,*'
        [pscustomobject] @{ Prompt = 'f' } | Invoke-AmpAgent @call @fake -ErrorVariable refused -ErrorAction SilentlyContinue
        $refused.FullyQualifiedErrorId | Should -BeLike 'InvalidOption,*'
        (Use-AmpReplay -Mock (New-AmpMock -Text far) { [pscustomobject] @{ Prompt = 'g'; HostName = 'web01.invalid'; WorkingDirectory = '/no/such' } | Invoke-AmpAgent -ResultOnly }).Result | Should -BeExactly 'far'
    }
}

Describe 'Parameters of hosts' {
    It 'are not read where no host is given' {
        { Invoke-AmpAgent 'x' -Options @{ ConnectTimeout = 'soon' } } | Should -Throw '*-HostName*' -ErrorId 'InvalidOption,*'
        { New-AmpSession -KeyFilePath 'env:/key' } | Should -Throw '*-HostName*' -ErrorId 'InvalidOption,*'
        { Get-AmpCli -Options @{ ConnectTimeout = 'soon' } } | Should -Throw '*-HostName*' -ErrorId 'InvalidOption,*'
    }

    It 'are read once for all hosts, and end the statement where they cannot be used' {
        $tasks = 'one', 'two' | ForEach-Object { [pscustomobject]@{ Prompt = $_; HostName = 'localhost' } }
        { $tasks | Invoke-AmpAgent -Options @{ ConnectTimeout = 'soon' } -ErrorAction SilentlyContinue } | Should -Throw '*ConnectTimeout*' -ErrorId 'InvalidOption,*'
    }

    It 'refuse several hosts for a thread that is piped in: <Name>' -ForEach @(
        @{ Name = 'a thread'; Piped = { [Amp.AmpThread]@{ Id = $thread } } }
        @{ Name = 'a message of a run'; Piped = { Invoke-AmpAgent 'a' -ResultOnly } }
        @{ Name = 'messages, for a job'; Piped = { Invoke-AmpAgent 'a' }; More = @{ AsJob = $true } }
    ) {
        $thread = 'T-019b2c1e-0000-7000-8000-000000000001'
        $given = $More ?? @{}
        Use-AmpReplay -Mock (New-AmpMock -Text far) {
            { & $Piped | Invoke-AmpAgent 'go on' -HostName web01.invalid, web02.invalid @given } |
                Should -Throw '*Several hosts*thread*' -ErrorId 'InvalidOption,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        }
    }

    It 'refuse several hosts for the thread of a row' {
        $row = @{ Prompt = 'a'; ThreadId = 'T-019b2c1e-0000-7000-8000-000000000001' }
        Use-AmpReplay -Mock (New-AmpMock -Text far) {
            $refused = $row | Invoke-AmpAgent -HostName web01.invalid, web02.invalid -ResultOnly -ErrorVariable errors -ErrorAction SilentlyContinue
            $refused.ErrorId | Should -Be 'InvalidOption', 'InvalidOption'
            $errors.Exception.Message | Should -Match '^Row 1: Several hosts'
            ($row + @{ HostName = 'web03.invalid' } | Invoke-AmpAgent -HostName web01.invalid, web02.invalid -ResultOnly).Result | Should -BeExactly 'far'
            ($row | Invoke-AmpAgent -HostName web01.invalid -ResultOnly).Result | Should -BeExactly 'far'
        }
    }
}
